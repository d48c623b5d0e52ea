package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;

/**
 * How many ops, and what they take in the table. Counting ends at {@link #MOST_ROWS}, and the bytes
 * are estimated from some of them: a log of any size is asked in the time of one statement.
 *
 * @param rows at most {@link #MOST_ROWS}, which means that many or more
 */
public record OpsAmount(long rows, long bytes) {
  /** Counting goes no further. */
  public static final int MOST_ROWS = 1_000_000;

  /** So many rows say how long all of them are. */
  static final int SAMPLE = 1_000;

  /** No ops. */
  public static final OpsAmount NONE = new OpsAmount(0, 0);

  /**
   * Counts along the index of positions, by one statement.
   *
   * @param from the least position
   * @param to the first position behind them
   */
  static OpsAmount between(Catalog catalog, Ulid from, Ulid to) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select counted.rows, coalesce(counted.rows * width, 0)::bigint as bytes
                    from (
                      select count(*) as rows from (
                        select 1 from ops where position >= :from and position < :to
                        order by position limit :most) found) counted
                      cross join (
                        select avg(pg_column_size(sampled.*)) as width from (
                          select * from ops where position >= :from and position < :to
                          order by position limit :sample) sampled) sample
                    """)
                .text("from", from.text())
                .text("to", to.text())
                .number("most", MOST_ROWS)
                .number("sample", SAMPLE))
        .first()
        .map(OpsAmount::of)
        .orElse(NONE);
  }

  static OpsAmount of(Rows.Row row) {
    return new OpsAmount(row.number("rows"), row.number("bytes"));
  }
}
