package dev.sheaf.storage.catalog;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer of one statement.
 *
 * <p>Column values: {@link String}, {@link Long}, {@link Boolean}, {@link Double}, {@code byte[]}
 * or null. Columns of other types (timestamptz, jsonb, uuid) come as Postgres's text.
 */
public final class Rows implements Iterable<Rows.Row> {
  private final List<String> columns;
  private final List<Object[]> values;
  private final long updated;

  /**
   * @param columns the labels of the columns, empty for a statement without result
   * @param values one array a row, in the order of the columns
   * @param updated number of rows that the statement wrote
   */
  public Rows(List<String> columns, List<@Nullable Object[]> values, long updated) {
    this.columns = List.copyOf(columns);
    this.values = List.copyOf(values);
    this.updated = updated;
  }

  /** Number of rows that the statement inserted, updated or deleted. */
  public long updated() {
    return updated;
  }

  /** Number of rows returned. */
  public int size() {
    return values.size();
  }

  /** The first row, if any. */
  public Optional<Row> first() {
    return values.isEmpty() ? Optional.empty() : Optional.of(new Row(values.getFirst()));
  }

  @Override
  public Iterator<Row> iterator() {
    return values.stream().map(Row::new).iterator();
  }

  /** One row; values are read by column label. */
  public final class Row {
    private final @Nullable Object[] cells;

    private Row(@Nullable Object[] cells) {
      this.cells = cells;
    }

    /** A text that is not null. */
    public String text(String column) {
      return present(column, textOrNull(column));
    }

    /** A text or null. */
    public @Nullable String textOrNull(String column) {
      return (String) cell(column);
    }

    /** An integer that is not null. */
    public long number(String column) {
      return present(column, numberOrNull(column));
    }

    /** An integer or null. */
    public @Nullable Long numberOrNull(String column) {
      return (Long) cell(column);
    }

    /** A truth value that is not null. */
    public boolean flag(String column) {
      return present(column, (Boolean) cell(column));
    }

    /** Bytes that are not null. */
    public byte[] bytes(String column) {
      return present(column, bytesOrNull(column));
    }

    /** Bytes or null. */
    public byte @Nullable [] bytesOrNull(String column) {
      return (byte[]) cell(column);
    }

    /** The row's values in the order of the columns. */
    public Map<String, Object> asMap() {
      Map<String, Object> map = new java.util.LinkedHashMap<>();
      for (int i = 0; i < cells.length; i++) {
        Object cell = cells[i];
        if (cell != null) {
          map.put(columns.get(i), cell);
        }
      }
      return map;
    }

    private @Nullable Object cell(String column) {
      int index = columns.indexOf(column);
      if (index < 0) {
        throw new IllegalArgumentException("no column " + column + " in " + columns);
      }
      return cells[index];
    }

    private static <T> T present(String column, @Nullable T value) {
      if (value == null) {
        throw new IllegalStateException("column " + column + " is null");
      }
      return value;
    }
  }
}
