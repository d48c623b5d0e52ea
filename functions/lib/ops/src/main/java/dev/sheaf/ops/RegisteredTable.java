package dev.sheaf.ops;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A table whose records travel. It also has a column {@code op_ulid}, text: the op that last wrote
 * the record. Of two ops that name a record the one with the greater ulid decides; where a column
 * {@code epoch} travels (see {@link Fence}), first the greater epoch.
 *
 * @param name its name, on the wire as in the catalog
 * @param columns the columns that travel, the key's included
 * @param key the columns of its primary key, in order: texts, collated {@code "C"}
 */
public record RegisteredTable(String name, List<Column> columns, List<String> key) {
  static final String EPOCH = "epoch";

  /**
   * A column.
   *
   * @param name on the wire as in the catalog
   * @param type in SQL
   */
  public record Column(String name, String type) {}

  public RegisteredTable {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    for (Column column : columns) {
      if (key.contains(column.name()) && !column.type().equals("text")) {
        throw new IllegalArgumentException(
            "column %s of the key of %s is no text: sites would not order keys alike"
                .formatted(column.name(), name));
      }
    }
  }

  /** Whether its records have one writer at a time. */
  boolean isFenced() {
    return columns.stream().anyMatch(column -> column.name().equals(EPOCH));
  }

  /** Columns as a list in SQL, each quoted and with something before it. */
  String columnList(String prefix) {
    return columns.stream().map(c -> prefix + quoted(c.name())).collect(Collectors.joining(", "));
  }

  String keyList(String prefix) {
    return key.stream().map(c -> prefix + quoted(c)).collect(Collectors.joining(", "));
  }

  /** What a set of JSON records is read as. */
  String recordType() {
    return columns.stream()
        .map(c -> quoted(c.name()) + " " + c.type())
        .collect(Collectors.joining(", "));
  }

  /** The key of a record as one text, as {@code tombstones} has it. */
  String keyText(String prefix) {
    return "jsonb_build_array(" + keyList(prefix) + ")::text";
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
