package dev.sheaf.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes records of one table from ops in any order: of all ops that ever named a record, the one
 * with the greatest epoch and ulid decides, a deletion too.
 */
final class RecordWrites {
  private static final Pattern HEX = Pattern.compile("([0-9a-f]{2})*");

  private final RegisteredTable table;

  /** Key of a record to the op that decides about it. */
  private final Map<String, Decided> records = new TreeMap<>();

  private record Decided(Ulid ulid, ObjectNode record, boolean isDeletion) {
    private static final Comparator<Decided> ORDER =
        Comparator.<Decided>comparingLong(decided -> epoch(decided.record()))
            .thenComparing(Decided::ulid);

    boolean isBefore(Decided other) {
      return ORDER.compare(this, other) < 0;
    }
  }

  /** The epoch of a record's writer; 0 where it has none. */
  static long epoch(ObjectNode record) {
    return record.path(RegisteredTable.EPOCH).asLong();
  }

  RecordWrites(RegisteredTable table) {
    this.table = table;
  }

  /**
   * Adds the records of an op.
   *
   * @throws SheafException of kind INVALID when a record has no key
   */
  void add(Op op, Action action) {
    for (JsonNode node : op.data()) {
      ObjectNode record = (ObjectNode) node;
      String key = key(record);
      Decided present = records.get(key);
      Decided decided = new Decided(op.ulid(), record, action == Action.DELETE);
      if (present == null || present.isBefore(decided)) {
        records.put(key, decided);
      }
    }
  }

  /**
   * The values of the key as texts, which is what the catalog makes of them: of two records that
   * share them all only one can be written.
   */
  private String key(ObjectNode record) {
    StringBuilder key = new StringBuilder();
    for (String column : table.key()) {
      JsonNode value = record.get(column);
      if (value == null || value.isNull()) {
        throw new SheafException(
            ErrorKind.INVALID,
            "a record of table %s has no '%s', a part of its key".formatted(table.name(), column));
      }
      key.append(value.isValueNode() ? value.asText() : value.toString()).append('\0');
    }
    for (RegisteredTable.Column column : table.columns()) {
      if (column.isBytes()) {
        requireHex(column, record.get(column.name()));
      }
    }
    return key.toString();
  }

  private void requireHex(RegisteredTable.Column column, @Nullable JsonNode value) {
    boolean isHex = value == null || value.isNull() || HEX.matcher(value.asText()).matches();
    if (!isHex) {
      throw new SheafException(
          ErrorKind.INVALID,
          "'%s' of a record of table %s is no lowercase hex"
              .formatted(column.name(), table.name()));
    }
  }

  /** Writes what was added, keys in order, so that two writers do not wait in a circle. */
  void write(Catalog transaction) {
    run(transaction, false, upsert());
    run(transaction, true, entomb());
    run(transaction, true, delete());
  }

  private void run(Catalog transaction, boolean deletions, String sql) {
    for (List<String> batch : Batches.of(rows(deletions), EncodedSize::ofText)) {
      transaction.execute(
          Statement.of(sql)
              .text("table", table.name())
              .text("records", "[" + String.join(",", batch) + "]"));
    }
  }

  private List<String> rows(boolean deletions) {
    Collection<Decided> all = records.values();
    List<String> rows = new ArrayList<>();
    for (Decided decided : all) {
      if (decided.isDeletion() == deletions) {
        ObjectNode row = OpJson.MAPPER.createObjectNode();
        for (RegisteredTable.Column column : table.columns()) {
          @Nullable JsonNode value = decided.record().get(column.name());
          if (value != null) {
            row.set(column.name(), value);
          }
        }
        if (table.isFenced()) {
          // What carries no epoch was written before there were any.
          row.put(RegisteredTable.EPOCH, epoch(decided.record()));
        }
        row.put("op_ulid", decided.ulid().text());
        rows.add(OpJson.stored(row));
      }
    }
    return rows;
  }

  private String incoming() {
    return "jsonb_to_recordset(:records::jsonb) as i (" + table.recordType() + ", op_ulid text)";
  }

  private String upsert() {
    String updates =
        table.columns().stream()
            .filter(column -> !table.key().contains(column.name()))
            .map(column -> "\"%1$s\" = excluded.\"%1$s\", ".formatted(column.name()))
            .collect(Collectors.joining());
    String defaults =
        table.local().stream()
            .map(column -> RegisteredTable.quoted(column) + " = default, ")
            .collect(Collectors.joining());
    return """
    insert into %1$s as present (%2$s, op_ulid)
    select %3$s, i.op_ulid
    from %4$s left join tombstones t on t."table" = :table and t.key = %5$s
    where t.op_ulid is null or %6$s
    order by %7$s
    on conflict (%8$s) do update set %9$s op_ulid = excluded.op_ulid
    where %10$s
    """
        .formatted(
            table.name(),
            table.columnList(),
            table.arrivedColumns("i."),
            incoming(),
            table.arrivedKeyText("i."),
            isBehind("t", "i"),
            table.keyList("i."),
            table.keyList(""),
            updates + defaults,
            isBehind("present", "excluded"));
  }

  private String entomb() {
    return """
    insert into tombstones as present ("table", key, epoch, op_ulid)
    select :table, %s, %s, i.op_ulid from %s order by 2
    on conflict ("table", key) do update
      set epoch = excluded.epoch, op_ulid = excluded.op_ulid
    where (present.epoch, present.op_ulid) < (excluded.epoch, excluded.op_ulid)
    """
        .formatted(table.arrivedKeyText("i."), table.isFenced() ? "i.epoch" : "0", incoming());
  }

  private String delete() {
    return """
    delete from %1$s present using %2$s
    where (%3$s) = (%4$s) and :table::text is not null and %5$s
    """
        .formatted(
            table.name(),
            incoming(),
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
