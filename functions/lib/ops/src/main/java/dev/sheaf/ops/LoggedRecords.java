package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the records of ops that the log has taken in the same transaction, out of the log: what
 * has been sent once is not sent again. The outcome is that of {@link RecordWrites}.
 */
final class LoggedRecords {
  /** What carries no epoch was written before there were any. */
  private static final String EPOCH =
      "coalesce(r.%s, 0)".formatted(RegisteredTable.quoted(RegisteredTable.EPOCH));

  private final RegisteredTable table;

  LoggedRecords(RegisteredTable table) {
    this.table = table;
  }

  /**
   * Writes them, keys in order, so that two writers do not wait in a circle.
   *
   * @param stamp gave the ops their positions, and gave none to others
   * @param actions those of the ops of this table
   */
  void write(Catalog transaction, Stamp stamp, Set<Action> actions) {
    RecordSql written = new RecordSql(table, incoming("<>"));
    RecordSql deleted = new RecordSql(table, incoming("="));
    if (actions.contains(Action.CREATE) || actions.contains(Action.UPDATE)) {
      run(transaction, stamp, written.upsert());
    }
    if (actions.contains(Action.DELETE)) {
      run(transaction, stamp, deleted.entomb());
      run(transaction, stamp, deleted.delete());
    }
    table.settle(transaction);
  }

  private void run(Catalog transaction, Stamp stamp, String sql) {
    transaction.execute(
        Statement.of(sql)
            .text("table", table.name())
            .text("first", stamp.least().text())
            .text("last", stamp.greatest().text()));
  }

  /** Of all ops that name a record, the one that decides about it, if it is of such an action. */
  private String incoming(String isDeletion) {
    return """
    (select * from (
      select distinct on (%1$s) %2$s, ops.ulid as op_ulid, ops.action as op_action
      from ops cross join lateral jsonb_to_recordset(ops.data) as r (%3$s)
      where ops.position between :first and :last and ops."table" = :table
      order by %1$s%4$s, ops.ulid desc
    ) decided where op_action %5$s 'delete') as i
    """
        .formatted(
            table.keyList("r."),
            table.columns().stream().map(LoggedRecords::column).collect(Collectors.joining(", ")),
            table.recordType(),
            table.isFenced() ? ", " + EPOCH + " desc" : "",
            isDeletion);
  }

  private static String column(RegisteredTable.Column column) {
    String name = RegisteredTable.quoted(column.name());
    return column.name().equals(RegisteredTable.EPOCH) ? EPOCH + " as " + name : "r." + name;
  }
}
