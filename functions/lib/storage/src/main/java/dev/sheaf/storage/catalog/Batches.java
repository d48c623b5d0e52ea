package dev.sheaf.storage.catalog;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Splits rows of a bulk write into batches that each fit into one request. */
public final class Batches {
  private Batches() {}

  /**
   * Splits rows, in order, into the fewest batches of at most {@link EncodedSize#BULK_LIMIT}.
   *
   * @param encodedBytes what a row takes in the request (see {@link EncodedSize})
   * @throws SheafException of kind {@code TOO_LARGE} for a row that fits into no request
   */
  public static <T> List<List<T>> of(List<T> rows, ToLongFunction<? super T> encodedBytes) {
    return of(rows, encodedBytes, EncodedSize.BULK_LIMIT, Integer.MAX_VALUE);
  }

  /**
   * Splits rows, in order, into the fewest batches that keep to both bounds.
   *
   * @param maxBytes greatest sum of encoded bytes of a batch
   * @param maxRows greatest number of rows of a batch
   */
  public static <T> List<List<T>> of(
      List<T> rows, ToLongFunction<? super T> encodedBytes, long maxBytes, int maxRows) {
    List<List<T>> batches = new ArrayList<>();
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < rows.size(); i++) {
      long size = encodedBytes.applyAsLong(rows.get(i));
      if (size > maxBytes) {
        throw tooLarge(i, size, maxBytes);
      }
      if (i > from && (bytes + size > maxBytes || i - from == maxRows)) {
        batches.add(rows.subList(from, i));
        from = i;
        bytes = 0;
      }
      bytes += size;
    }
    if (from < rows.size()) {
      batches.add(rows.subList(from, rows.size()));
    }
    return batches;
  }

  private static SheafException tooLarge(int row, long size, long maxBytes) {
    return new SheafException(
        ErrorKind.TOO_LARGE,
        "row %d takes %d encoded bytes, a request holds %d (Data API limit 4 MiB); store it in slices"
            .formatted(row, size, maxBytes));
  }
}
