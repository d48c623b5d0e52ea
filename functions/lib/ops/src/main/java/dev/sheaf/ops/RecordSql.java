package dev.sheaf.ops;

import java.util.stream.Collectors;

/**
 * Statements that write records of one table, each of which came with the ulid of its op: what is
 * there gives way to it when it is of a lesser epoch, or of the same one and of a lesser ulid. All
 * bind {@code :table}.
 */
final class RecordSql {
  private final RegisteredTable table;
  private final String incoming;

  /**
   * @param incoming rows in SQL, called {@code i}, one a key: the columns that travel, as {@link
   *     RegisteredTable#recordType} has them, and {@code op_ulid}
   */
  RecordSql(RegisteredTable table, String incoming) {
    this.table = table;
    this.incoming = incoming;
  }

  /** Writes them. Most tables have no tombstones: then no key is made to look for. */
  String upsert() {
    String updates =
        table.columns().stream()
            .filter(column -> !table.key().contains(column.name()))
            .map(column -> "%1$s = excluded.%1$s, ".formatted(column.quoted()))
            .collect(Collectors.joining());
    String defaults =
        table.local().stream()
            .map(column -> RegisteredTable.quoted(column) + " = default, ")
            .collect(Collectors.joining());
    return """
    insert into %1$s as present (%2$s, op_ulid)
    select %3$s, i.op_ulid
    from %4$s left join tombstones t on t."table" = :table and t.key =
      case when (select key from tombstones where "table" = :table order by key limit 1) is not null
        then %5$s end
    where t.op_ulid is null or %6$s
    order by %7$s
    on conflict (%8$s) do update set %9$s op_ulid = excluded.op_ulid
    where %10$s
    """
        .formatted(
            table.name(),
            table.columnList(),
            table.arrivedColumns("i."),
            incoming,
            table.arrivedKeyText("i."),
            isBehind("t", "i"),
            table.keyList("i."),
            table.keyList(""),
            updates + defaults,
            isBehind("present", "excluded"));
  }

  /** Remembers that they are gone. */
  String entomb() {
    return """
    insert into tombstones as present ("table", key, epoch, op_ulid)
    select :table, %s, %s, i.op_ulid from %s order by 2
    on conflict ("table", key) do update
      set epoch = excluded.epoch, op_ulid = excluded.op_ulid
    where (present.epoch, present.op_ulid) < (excluded.epoch, excluded.op_ulid)
    """
        .formatted(table.arrivedKeyText("i."), table.isFenced() ? "i.epoch" : "0", incoming);
  }

  /** Takes them away. */
  String delete() {
    return """
    delete from %1$s present using %2$s
    where (%3$s) = (%4$s) and :table::text is not null and %5$s
    """
        .formatted(
            table.name(),
            incoming,
            table.keyList("present."),
            table.arrivedKey("i."),
            isBehind("present", "i"));
  }

  /** Whether what is there is to give way to what comes. */
  private String isBehind(String there, String incoming) {
    String older = "%1$s.op_ulid is null or %1$s.op_ulid < %2$s.op_ulid".formatted(there, incoming);
    return table.isFenced()
        ? "(%1$s.epoch < %2$s.epoch or %1$s.epoch = %2$s.epoch and (%3$s))"
            .formatted(there, incoming, older)
        : "(" + older + ")";
  }
}
