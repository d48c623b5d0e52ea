package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code failed_ops}: ops that came and could not be applied. Each tick tries them again;
 * one that nobody wants to wait for any more is given up by whoever runs the site.
 */
public final class FailedOps {
  /** Counting goes no further. */
  private static final int MOST_COUNTED = 1_000;

  /** A tick tries this many again: one statement and some transactions. */
  private static final int TRIED_AT_ONCE = 100;

  /** What one row of the Data API holds; the records of larger ops are read in pieces. */
  private static final int READABLE_BYTES = 40_000;

  /** Less than the Data API's 1 MiB a result. */
  private static final int BYTES_AT_ONCE = 600 << 10;

  /** Of large ops, in one tick. No op that came from a page is larger. */
  private static final int MOST_LARGE_BYTES = 4 << 20;

  /** Characters, each of up to four bytes: a row of the Data API. */
  private static final int PIECE = 10_000;

  private static final int PIECES_AT_ONCE = 15;

  private final Catalog catalog;

  public FailedOps(Catalog catalog) {
    this.catalog = catalog;
  }

  /** How many wait, a thousand at most. */
  public long waiting() {
    return catalog
        .execute(
            Statement.of("select count(*) as n from (select 1 from failed_ops limit :most) f")
                .number("most", MOST_COUNTED))
        .first()
        .map(row -> row.number("n"))
        .orElse(0L);
  }

  /**
   * Gives up an op: it is not applied, and not tried again.
   *
   * @return whether it waited
   */
  public boolean drop(Ulid ulid) {
    return catalog
            .execute(
                Statement.of("delete from failed_ops where ulid = :ulid").text("ulid", ulid.text()))
            .updated()
        > 0;
  }

  /** Gives up all of them; returns how many they were. */
  public long dropAll() {
    return catalog.execute(Statement.of("delete from failed_ops")).updated();
  }

  /** An op and the peer that gave it. */
  record Kept(String source, Op op) {}

  /** Those that have been untried for longest. */
  List<Kept> oldest() {
    List<Kept> kept = new ArrayList<>();
    long large = 0;
    for (Rows.Row row : catalog.execute(untried())) {
      String data = row.textOrNull("data");
      if (data == null) {
        large += row.number("bytes");
        if (large > MOST_LARGE_BYTES) {
          break;
        }
        data = pieces(row.text("ulid")).orElse(null);
      }
      if (data != null) {
        kept.add(new Kept(row.text("source"), op(row, data)));
      }
    }
    return kept;
  }

  private static Statement untried() {
    return Statement.of(
            """
            select ulid, host, source, action, "table", bytes,
              case when bytes < :readable then data end as data
            from (
              select *, sum(case when bytes < :readable then bytes else 0 end)
                over (order by tried_at, ulid) as summed
              from (
                select ulid, host, source, action, "table", data::text as data, tried_at,
                  octet_length(data::text) as bytes
                from failed_ops where octet_length(data::text) <= :most
                order by tried_at, ulid limit :limit) waiting) measured
            where summed < :budget order by tried_at, ulid
            """)
        .number("readable", READABLE_BYTES)
        .number("most", MOST_LARGE_BYTES)
        .number("budget", BYTES_AT_ONCE)
        .number("limit", TRIED_AT_ONCE);
  }

  private static Op op(Rows.Row row, String data) {
    return new Op(
        new Ulid(row.text("ulid")),
        row.text("host"),
        row.text("action"),
        row.text("table"),
        OpJson.records(data),
        false);
  }

  /** The records of an op that does not fit into a row; empty when it waits no longer. */
  private Optional<String> pieces(String ulid) {
    return catalog.transaction(transaction -> {
      Optional<Rows.Row> length =
          transaction
              .execute(
                  Statement.of(
                          """
                          select length(data::text) as length from failed_ops
                          where ulid = :ulid for update
                          """)
                      .text("ulid", ulid))
              .first();
      return length.map(row -> joined(transaction, ulid, row.number("length")));
    });
  }

  private static String joined(Catalog transaction, String ulid, long length) {
    StringBuilder data = new StringBuilder();
    for (long from = 1; from <= length; from += (long) PIECE * PIECES_AT_ONCE) {
      transaction
          .execute(
              Statement.of(
                      """
                      select n, substr(data::text, (:from + n * :piece)::int, :piece::int) as piece
                      from failed_ops, generate_series(0, :pieces - 1) n
                      where ulid = :ulid order by n
                      """)
                  .text("ulid", ulid)
                  .number("from", from)
                  .number("piece", PIECE)
                  .number("pieces", PIECES_AT_ONCE))
          .forEach(row -> data.append(row.text("piece")));
    }
    return data.toString();
  }
}
