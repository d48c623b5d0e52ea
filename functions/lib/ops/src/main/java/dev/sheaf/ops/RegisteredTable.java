package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table whose records travel. It also has a column {@code op_ulid}, text: the op that last wrote
 * the record. Of two ops that name a record the one with the greater ulid decides; where a column
 * {@code epoch} travels (see {@link Fence}), first the greater epoch.
 *
 * <p>Bytes travel as text: a {@code bytea} is lowercase hex in records, keys and tombstones, whose
 * order is that of the bytes.
 *
 * @param name its name, on the wire as in the catalog
 * @param columns the columns that travel, the key's included
 * @param key the columns of its primary key, in order: texts, collated {@code "C"}, or bytes
 * @param told what of it a snapshot gives: the table itself, or a view with the same columns
 * @param local columns that belong to the record that a site has written itself: they have their
 *     defaults again when another one comes in its place
 * @param settling statements that bring columns up to date which follow from the records of several
 *     rows; they run whenever records have been written
 */
public record RegisteredTable(
    String name,
    List<Column> columns,
    List<String> key,
    String told,
    List<String> local,
    List<String> settling) {
  static final String EPOCH = "epoch";

  private static final String BYTES = "bytea";

  /**
   * A column.
   *
   * @param name on the wire
   * @param type in SQL
   * @param column in the catalog
   */
  public record Column(String name, String type, String column) {
    /** A column of one name. */
    public Column(String name, String type) {
      this(name, type, name);
    }

    String quoted() {
      return RegisteredTable.quoted(column);
    }

    boolean isBytes() {
      return type.equals(BYTES);
    }

    /** What travels of it, in SQL. */
    String travelling(String prefix) {
      String value = prefix + quoted();
      return isBytes() ? "encode(" + value + ", 'hex')" : value;
    }

    /** The column's value from what has travelled, in SQL. */
    String arrived(String expression) {
      return isBytes() ? "decode(" + expression + ", 'hex')" : expression;
    }
  }

  /** A table all of whose records travel. */
  public RegisteredTable(String name, List<Column> columns, List<String> key) {
    this(name, columns, key, name, List.of());
  }

  /** A table whose rows do not depend on one another. */
  public RegisteredTable(
      String name, List<Column> columns, List<String> key, String told, List<String> local) {
    this(name, columns, key, told, local, List.of());
  }

  /** The same with statements that run when records have been written. */
  public RegisteredTable settledBy(List<String> statements) {
    return new RegisteredTable(name, columns, key, told, local, statements);
  }

  public RegisteredTable {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    local = List.copyOf(local);
    settling = List.copyOf(settling);
    for (Column column : columns) {
      if (key.contains(column.name()) && !column.type().equals("text") && !column.isBytes()) {
        throw new IllegalArgumentException(
            "column %s of the key of %s is no text: sites would not order keys alike"
                .formatted(column.name(), name));
      }
    }
  }

  /** Brings up to date what follows from the records of several rows. */
  public void settle(Catalog transaction) {
    settling.forEach(sql -> transaction.execute(Statement.of(sql)));
  }

  /** Whether its records have one writer at a time. */
  boolean isFenced() {
    return columns.stream().anyMatch(column -> column.name().equals(EPOCH));
  }

  /** Columns as a list in SQL, each quoted. */
  String columnList() {
    return columns.stream().map(Column::quoted).collect(Collectors.joining(", "));
  }

  /** The values of columns, out of records that are read as {@link #recordType}. */
  String arrivedColumns(String prefix) {
    return columns.stream()
        .map(c -> c.arrived(prefix + quoted(c.name())))
        .collect(Collectors.joining(", "));
  }

  String keyList(String prefix) {
    return key.stream().map(c -> prefix + quoted(c)).collect(Collectors.joining(", "));
  }

  /** The values of the key's columns, out of records that are read as {@link #recordType}. */
  String arrivedKey(String prefix) {
    return key.stream()
        .map(c -> column(c).arrived(prefix + quoted(c)))
        .collect(Collectors.joining(", "));
  }

  /** A part of the key. */
  Column column(String name) {
    return columns.stream()
        .filter(column -> column.name().equals(name))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException(this.name + " has no column " + name));
  }

  /** What a set of JSON records is read as. */
  String recordType() {
    return columns.stream()
        .map(c -> quoted(c.name()) + " " + (c.isBytes() ? "text" : c.type()))
        .collect(Collectors.joining(", "));
  }

  /**
   * The record of a row, in SQL.
   *
   * @param prefix of its columns
   */
  public String record(String prefix) {
    return columns.stream()
        .map(column -> "'%s', %s".formatted(column.name(), column.travelling(prefix)))
        .collect(Collectors.joining(", ", "jsonb_build_object(", ")"));
  }

  /** The key of a row as one text, as {@code tombstones} has it. */
  String keyText(String prefix) {
    return key.stream()
        .map(c -> column(c).travelling(prefix))
        .collect(Collectors.joining(", ", "jsonb_build_array(", ")::text"));
  }

  /** The key of a record that is read as {@link #recordType}, as one text. */
  String arrivedKeyText(String prefix) {
    return "jsonb_build_array(" + keyList(prefix) + ")::text";
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
