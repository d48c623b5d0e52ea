package dev.sheaf.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes records of one table from ops in any order: of all ops that ever named a record, the one
 * with the greatest epoch and ulid decides, a deletion too.
 */
final class RecordWrites {
  private static final Pattern HEX = Pattern.compile("([0-9a-f]{2})*");

  /** What an index takes; with the longest name of a git ref, in hex, it is 2,200. */
  private static final int MOST_KEY_BYTES = 2_600;

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
    requireFit(key);
    for (RegisteredTable.Column column : table.columns()) {
      if (column.isBytes()) {
        requireHex(column, record.get(column.name()));
      }
    }
    return key.toString();
  }

  private void requireFit(StringBuilder key) {
    boolean mayBeLong = key.length() > MOST_KEY_BYTES / 3;
    long bytes = mayBeLong ? key.toString().getBytes(StandardCharsets.UTF_8).length : 0;
    if (bytes > MOST_KEY_BYTES) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the key of a record of table %s has %d bytes, %d are the most"
              .formatted(table.name(), bytes, MOST_KEY_BYTES));
    }
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
    RecordSql sql =
        new RecordSql(
            table,
            "jsonb_to_recordset(:records::jsonb) as i (" + table.recordType() + ", op_ulid text)");
    run(transaction, false, sql.upsert());
    run(transaction, true, sql.entomb());
    run(transaction, true, sql.delete());
    table.settle(transaction);
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
}
