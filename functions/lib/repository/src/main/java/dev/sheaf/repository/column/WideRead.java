package dev.sheaf.repository.column;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.function.UnaryOperator;

/**
 * Reads byte strings of any number and length through the Data API, which bounds a result to 1 MiB
 * and a row to 64 KB: wide values come in slices, and a page holds as many slices as fit.
 */
public final class WideRead {
  /** 60,000 bytes as base64. */
  private static final int SLICE = 45_000;

  /** What a row takes beside its slice. */
  private static final int ROW_OVERHEAD = 100;

  /** Raw bytes and overhead of a page: 933 KB encoded. */
  private static final int PAGE = 700_000;

  private static final int ROWS_A_PAGE = 8_000;

  private final Catalog catalog;
  private final String sql;
  private final UnaryOperator<Statement> binder;
  private long afterN = -1;
  private long afterSlice;
  private byte[] value = new byte[0];
  private int filled;

  /** Takes one whole value. */
  @FunctionalInterface
  public interface Consumer {
    void accept(long n, byte[] value);
  }

  private WideRead(Catalog catalog, String source, UnaryOperator<Statement> binder) {
    this.catalog = catalog;
    this.sql =
        """
        select n, slice, bytes, substr(data, slice * %1$d + 1, %1$d) as piece
        from (
          select n, slice, data, octet_length(data) as bytes,
            sum(least(octet_length(data) - slice * %1$d, %1$d) + %2$d)
              over (order by n, slice) as running
          from (%3$s) source,
            generate_series(0, greatest(octet_length(data) - 1, 0) / %1$d) as slice
          where n > :after_n or (n = :after_n and slice > :after_slice)
          order by n, slice
          limit %4$d) page
        where running <= %5$d
        order by n, slice\
        """
            .formatted(SLICE, ROW_OVERHEAD, source, ROWS_A_PAGE, PAGE);
    this.binder = binder;
  }

  /**
   * Reads values in ascending order of {@code n}.
   *
   * @param source a query with the columns {@code n}, a bigint that tells rows apart and is not
   *     negative, and {@code data}; it may skip rows below {@code :after_n}
   * @param binder binds the source's own parameters
   */
  public static void read(
      Catalog catalog, String source, UnaryOperator<Statement> binder, Consumer consumer) {
    WideRead read = new WideRead(catalog, source, binder);
    while (read.page(consumer)) {}
  }

  /** Reads one page; false when it was the last. */
  private boolean page(Consumer consumer) {
    Rows rows =
        catalog.execute(
            binder
                .apply(Statement.of(sql))
                .number("after_n", afterN)
                .number("after_slice", afterSlice));
    long taken = 0;
    for (Rows.Row row : rows) {
      taken += add(row, consumer) + ROW_OVERHEAD;
    }
    // Had there been another slice, it would have fitted.
    boolean last = taken + SLICE + ROW_OVERHEAD <= PAGE && rows.size() < ROWS_A_PAGE;
    return !last;
  }

  private int add(Rows.Row row, Consumer consumer) {
    afterN = row.number("n");
    afterSlice = row.number("slice");
    byte[] piece = row.bytes("piece");
    if (afterSlice == 0) {
      value = new byte[(int) row.number("bytes")];
      filled = 0;
    }
    System.arraycopy(piece, 0, value, filled, piece.length);
    filled += piece.length;
    if (filled == value.length) {
      consumer.accept(afterN, value);
    }
    return piece.length;
  }
}
