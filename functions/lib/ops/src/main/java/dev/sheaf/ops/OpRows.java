package dev.sheaf.ops;

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
import java.util.function.Function;
import java.util.stream.Collectors;

/** The table {@code ops}, many rows a statement. */
final class OpRows {
  /** Positions, names and separators of an op. */
  private static final long ENVELOPE = 80;

  /** So that it can be read again in one row of 64 KB. */
  private static final long MOST_ENCODED_BYTES = 40_000;

  private OpRows() {}

  /**
   * An op as it is sent.
   *
   * @param data its records as JSON on one line
   * @param encodedBytes what it takes in a statement
   */
  private record Line(Op op, String data, long encodedBytes) {
    static Line of(Op op) {
      String data = OpJson.stored(op.data());
      long bytes =
          EncodedSize.ofText(data)
              + EncodedSize.ofText(op.host())
              + EncodedSize.ofText(op.table())
              + ENVELOPE;
      return new Line(op, data, bytes);
    }
  }

  /** Inserts this site's own, at the positions that are their ulids. */
  static void append(Catalog transaction, List<Op> ops) {
    List<Line> lines = ops.stream().map(Line::of).toList();
    for (List<Line> batch : Batches.of(lines, Line::encodedBytes)) {
      insert(transaction, batch, batch.stream().map(line -> line.op().ulid()).toList());
    }
  }

  /**
   * What came of ops.
   *
   * @param fresh the ulids of those that were not there
   * @param isWhole whether the log has all of them now
   */
  record Inserted(Set<Ulid> fresh, boolean isWhole) {}

  /**
   * Inserts what peers gave, behind all that is there. What no row of the Data API can hold is not
   * passed on: it counts as new, and is written to its records alone.
   */
  static Inserted insertAll(Catalog transaction, List<Op> ops, Stamp stamp) {
    Map<Ulid, Op> distinct = new LinkedHashMap<>();
    ops.forEach(op -> distinct.putIfAbsent(op.ulid(), op));
    Set<Ulid> fresh = new HashSet<>();
    List<Line> kept = new ArrayList<>();
    for (Op op : distinct.values()) {
      Line line = Line.of(op);
      if (line.encodedBytes() > MOST_ENCODED_BYTES) {
        fresh.add(op.ulid());
      } else {
        kept.add(line);
      }
    }
    for (List<Line> batch : Batches.of(kept, Line::encodedBytes)) {
      fresh.addAll(insert(transaction, batch, batch.stream().map(_ -> stamp.next()).toList()));
    }
    return new Inserted(fresh, kept.size() == distinct.size());
  }

  /**
   * Inserts ops; those that are there already stay as they are. Values come as lists on lines: a
   * set of JSON records costs Postgres as much as all else of the statement.
   *
   * @param positions of the ops, in their order
   * @return the ulids of those that were not there
   */
  private static Set<Ulid> insert(Catalog transaction, List<Line> ops, List<Ulid> positions) {
    Set<Ulid> inserted = new HashSet<>();
    ops.forEach(line -> inserted.add(line.op().ulid()));
    transaction
        .execute(
            Statement.of(
                    """
                    with inserted as (
                      insert into ops (position, ulid, host, action, "table", data)
                      select position, ulid, host, action, "table", data::jsonb
                      from unnest(string_to_array(:positions, ' '), string_to_array(:ulids, ' '),
                        string_to_array(:hosts, ' '), string_to_array(:actions, ' '),
                        string_to_array(:tables, ' '), string_to_array(:data, chr(10)))
                        as o (position, ulid, host, action, "table", data)
                      on conflict (ulid) do nothing
                      returning ulid
                    )
                    select string_agg(ulid, ' ') as ulids from (
                      select ulid, (row_number() over () - 1) / 1000 as line from (
                        select unnest(string_to_array(:ulids, ' ')) as ulid
                        except select ulid from inserted) known) lines
                    group by line
                    """)
                .text("positions", joined(positions, " ", Ulid::text))
                .text("ulids", joined(ops, " ", line -> line.op().ulid().text()))
                .text("hosts", joined(ops, " ", line -> line.op().host()))
                .text("actions", joined(ops, " ", line -> line.op().action()))
                .text("tables", joined(ops, " ", line -> line.op().table()))
                .text("data", joined(ops, "\n", Line::data)))
        .forEach(row -> {
          for (String known : row.text("ulids").split(" ", -1)) {
            inserted.remove(new Ulid(known));
          }
        });
    return inserted;
  }

  private static <T> String joined(List<T> rows, String separator, Function<T, String> text) {
    return rows.stream().map(text).collect(Collectors.joining(separator));
  }
}
