package dev.sheaf.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Ops that could not be applied, on their way into {@code failed_ops}. */
final class OpFailures {
  private static final int ERROR_CHARACTERS = 500;

  private final String source;
  private final Instant now;
  private final List<String> rows = new ArrayList<>();
  private int added;

  OpFailures(String source, Instant now) {
    this.source = source;
    this.now = now;
  }

  void add(Op op, SheafException reason) {
    String message = String.valueOf(reason.getMessage());
    ObjectNode row = OpJson.MAPPER.createObjectNode();
    row.put("ulid", op.ulid().text());
    row.put("host", op.host());
    row.put("action", op.action());
    row.put("table", op.table());
    row.set("data", op.data());
    row.put("error", message.substring(0, Math.min(ERROR_CHARACTERS, message.length())));
    rows.add(OpJson.text(row));
    added++;
  }

  /**
   * Leaves the records of those out that the catalog cannot keep: what is JSON need not be jsonb.
   *
   * @return whether there were any
   */
  boolean leaveOut(Catalog catalog) {
    boolean isAny = false;
    for (int i = 0; i < rows.size(); i++) {
      Optional<String> why = whyNotKept(catalog, rows.get(i));
      if (why.isPresent()) {
        rows.set(i, plain(rows.get(i), why.get()));
        isAny = true;
      }
    }
    return isAny;
  }

  private static Optional<String> whyNotKept(Catalog catalog, String row) {
    try {
      catalog.execute(Statement.of("select jsonb_typeof(:row::jsonb) as type").text("row", row));
      return Optional.empty();
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.INVALID && e.kind() != ErrorKind.TOO_LARGE) {
        throw e;
      }
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The same without records, in texts that can be kept. */
  private static String plain(String row, String why) {
    ObjectNode json = OpJson.object(row);
    json.set("data", OpJson.leftOut("the catalog cannot hold them: " + why));
    for (String field : List.of("host", "action", "table", "error")) {
      json.put(field, json.path(field).asText().replaceAll("[^ -~]", "?"));
    }
    return OpJson.text(json);
  }

  /** How many there are, written or not. */
  int size() {
    return added;
  }

  /** The peer that gave them. */
  String source() {
    return source;
  }

  /** Counts others, which are written. */
  void count(OpFailures written) {
    added += written.added;
  }

  /** What the transaction that wrote them has committed is not written again. */
  void committed() {
    rows.clear();
  }

  void write(Catalog transaction) {
    for (List<String> batch : Batches.of(rows, EncodedSize::ofText)) {
      ArrayNode all = OpJson.records("[" + String.join(",", batch) + "]");
      transaction.execute(
          Statement.of(
                  """
                  insert into failed_ops as present (ulid, host, source, action, "table", data,
                    error, attempts, failed_at, tried_at)
                  select ulid, min(host), :source, min(action), min("table"),
                    coalesce(jsonb_agg(record) filter (where record is not null), '[]'), min(error), 1,
                    :now::timestamptz, :now::timestamptz
                  from (
                    select distinct ulid, host, action, "table", error, record
                    from jsonb_to_recordset(:rows::jsonb) as r (ulid text, host text, action text,
                      "table" text, data jsonb, error text)
                      left join lateral jsonb_array_elements(data) as d (record) on true) records
                  group by ulid order by ulid
                  on conflict (ulid) do update set error = excluded.error,
                    attempts = present.attempts + 1, tried_at = excluded.tried_at,
                    data = case when present.data @> excluded.data then present.data
                      else (select jsonb_agg(distinct r)
                        from jsonb_array_elements(present.data || excluded.data) r) end
                  """)
              .text("source", source)
              .text("now", now.toString())
              .text("rows", OpJson.text(all)));
    }
  }
}
