package dev.sheaf.ops;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Gives the records of this site to peers that the log alone does not help: those that come for the
 * first time, and those that stayed away for longer than the log reaches back.
 *
 * <p>A page shows the catalog as it is when the page is read, and every page names a position: who
 * remembers the first one's, and goes on in the log from there once it has the last page, misses
 * nothing that was written meanwhile.
 */
public final class SnapshotServer {
  private static final int MOST_ROWS = 2_500;
  private static final int MOST_BYTES = 600 << 10;

  /** What a record was written by that is older than the log: any op is newer. */
  private static final Ulid BEFORE_THE_LOG = Ulid.OLDEST;

  private final Catalog catalog;
  private final String self;
  private final List<RegisteredTable> tables;

  /**
   * @param self this site's base URL
   */
  public SnapshotServer(Catalog catalog, String self, List<RegisteredTable> tables) {
    this.catalog = catalog;
    this.self = self;
    this.tables = List.copyOf(tables);
  }

  /**
   * One page, by one statement.
   *
   * @param after as {@link SnapshotPage#next()} of the page before; empty for the beginning
   * @throws SheafException of kind NOT_FOUND for a table that is not registered, INVALID for an
   *     {@code after} that no page gave
   */
  public SnapshotPage page(String table, String after) {
    RegisteredTable registered =
        tables.stream()
            .filter(candidate -> candidate.name().equals(table))
            .findAny()
            .orElseThrow(() ->
                new SheafException(
                    ErrorKind.NOT_FOUND,
                    "no table '%s' travels; those that do: %s"
                        .formatted(
                            table,
                            tables.stream()
                                .map(RegisteredTable::name)
                                .collect(Collectors.joining(", ")))));
    SnapshotKey from = SnapshotKey.parse(after, registered);
    Rows rows =
        catalog.execute(from.isTombstone() ? gone(registered, from) : present(registered, from));
    return page(from, rows);
  }

  private static SnapshotPage page(SnapshotKey from, Rows rows) {
    PageBody body = new PageBody();
    Optional<String> last = Optional.empty();
    boolean isWhole = true;
    Optional<Ulid> position = Optional.empty();
    for (Rows.Row row : rows) {
      String lines = row.textOrNull("lines");
      if (lines != null) {
        body.add(lines);
        last = Optional.of(row.text("last"));
      }
      isWhole = row.flag("is_whole");
      position = Stamp.end(row.number("last_millis"));
    }
    Optional<String> next =
        isWhole
            ? from.isTombstone() ? Optional.empty() : Optional.of(SnapshotKey.FIRST_TOMBSTONE)
            : last.map(from::at);
    return new SnapshotPage(body, position, next);
  }

  private Statement present(RegisteredTable table, SnapshotKey from) {
    String line = line("coalesce(op_ulid, :oldest)", Action.CREATE, table.record(""));
    Statement statement =
        Statement.of(
                paged(
                    "select %s as line, %s as key, row_number() over (order by %s) as place"
                        .formatted(line, table.keyText(""), table.keyList("")),
                    table.told(),
                    from.values().isEmpty() ? "true" : behind(table),
                    table.keyList("")))
            .text("oldest", BEFORE_THE_LOG.text());
    for (int i = 0; i < from.values().size(); i++) {
      statement.text("k" + i, from.values().get(i));
    }
    return common(statement, table);
  }

  private static String behind(RegisteredTable table) {
    return IntStream.range(0, table.key().size())
        .mapToObj(i -> table.column(table.key().get(i)).arrived(":k" + i))
        .collect(Collectors.joining(", ", "(" + table.keyList("") + ") > (", ")"));
  }

  private Statement gone(RegisteredTable table, SnapshotKey from) {
    StringBuilder record = new StringBuilder("jsonb_build_object(");
    for (int i = 0; i < table.key().size(); i++) {
      record
          .append(i == 0 ? "" : ", ")
          .append("'%s', key::jsonb->%d".formatted(table.key().get(i), i));
    }
    if (table.isFenced()) {
      record.append(", 'epoch', epoch");
    }
    String line = line("op_ulid", Action.DELETE, record.append(')').toString());
    return common(
        Statement.of(
                paged(
                    "select %s as line, key, row_number() over (order by key) as place"
                        .formatted(line),
                    "tombstones",
                    "\"table\" = :table and key > :after",
                    "key"))
            .text("after", from.values().isEmpty() ? "" : from.values().getFirst()),
        table);
  }

  private static String line(String ulid, Action action, String record) {
    return """
    '{"ulid":"' || %s || '","host":' || to_json(:self::text) || ',"action":"%s","table":'
      || to_json(:table::text) || ',"data":[' || %s || '],"transient":false}'
    """
        .formatted(ulid, action.text(), record);
  }

  private Statement common(Statement statement, RegisteredTable table) {
    return statement
        .text("self", self)
        .text("table", table.name())
        .number("rows", MOST_ROWS)
        .number("budget", MOST_BYTES);
  }

  /** As many records as fit, several in a row; one row at least, for the position. */
  private static String paged(String select, String from, String where, String order) {
    return """
    with part as (
      select *, sum(octet_length(line) + 1) over (order by place) as bytes
      from (%s from %s where %s order by %s limit :rows) read
    ), kept as (
      select * from part where bytes <= :budget or place = 1
    )
    select lines, last, (select count(*) from part) < :rows
        and (select count(*) from kept) = (select count(*) from part) as is_whole, last_millis
    from ops_tail left join (
      select string_agg(line, ',' order by place) as lines, max(place) as place,
        (array_agg(key order by place desc))[1] as last
      from kept group by bytes / %d) grouped on true
    order by place
    """
        .formatted(select, from, where, order, PageBody.BYTES_A_ROW);
  }
}
