package dev.sheaf.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The table {@code ops}, many rows a statement. */
final class OpRows {
  /** Field names and punctuation of an op inside a parameter. */
  private static final long ENVELOPE = 200;

  /** So that it can be read again in one row of 64 KB. */
  private static final long MOST_ENCODED_BYTES = 40_000;

  private OpRows() {}

  /** What an op takes in a statement. */
  static long encodedBytes(Op op) {
    return EncodedSize.ofText(OpJson.text(op.data()))
        + EncodedSize.ofText(op.host())
        + EncodedSize.ofText(op.table())
        + ENVELOPE;
  }

  /**
   * Inserts what peers gave, behind all that is there. What no row of the Data API can hold is not
   * passed on: it counts as new, and is written to its records alone.
   *
   * @return the ulids of those that were not there
   */
  static Set<Ulid> insertAll(Catalog transaction, List<Op> ops, Stamp stamp) {
    Map<Ulid, Op> distinct = new LinkedHashMap<>();
    ops.forEach(op -> distinct.putIfAbsent(op.ulid(), op));
    Set<Ulid> fresh = new HashSet<>();
    List<Op> kept = new ArrayList<>();
    for (Op op : distinct.values()) {
      if (encodedBytes(op) > MOST_ENCODED_BYTES) {
        fresh.add(op.ulid());
      } else {
        kept.add(op);
      }
    }
    for (List<Op> batch : Batches.of(kept, OpRows::encodedBytes)) {
      fresh.addAll(insert(transaction, batch, batch.stream().map(_ -> stamp.next()).toList()));
    }
    return fresh;
  }

  /**
   * Inserts ops; those that are there already stay as they are.
   *
   * @param positions of the ops, in their order
   * @return the ulids of those that were not there
   */
  static Set<Ulid> insert(Catalog transaction, List<Op> ops, List<Ulid> positions) {
    ArrayNode rows = OpJson.MAPPER.createArrayNode();
    for (int i = 0; i < ops.size(); i++) {
      Op op = ops.get(i);
      ObjectNode row = rows.addObject();
      row.put("position", positions.get(i).text());
      row.put("ulid", op.ulid().text());
      row.put("host", op.host());
      row.put("action", op.action());
      row.put("table", op.table());
      row.set("data", op.data());
    }
    Set<Ulid> inserted = new HashSet<>();
    transaction
        .execute(
            Statement.of(
                    """
                    with inserted as (
                      insert into ops (position, ulid, host, action, "table", data)
                      select position, ulid, host, action, "table", data
                      from jsonb_to_recordset(:rows::jsonb) as r (position text, ulid text,
                        host text, action text, "table" text, data jsonb)
                      order by position
                      on conflict (ulid) do nothing
                      returning ulid, position
                    )
                    select string_agg(ulid, ' ') as ulids from (
                      select ulid, (row_number() over () - 1) / 1000 as line from inserted) lines
                    group by line
                    """)
                .text("rows", OpJson.text(rows)))
        .forEach(row -> {
          for (String ulid : row.text("ulids").split(" ", -1)) {
            inserted.add(new Ulid(ulid));
          }
        });
    return inserted;
  }
}
