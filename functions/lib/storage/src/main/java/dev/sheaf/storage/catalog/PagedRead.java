package dev.sheaf.storage.catalog;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads a result of any size page by page, by keyset: each page begins behind the last key of the
 * page before. A page that passes the Data API's 1 MiB is asked for again with half as many rows.
 *
 * @param <K> the key that pages are ordered by
 */
public final class PagedRead<K> {
  private final Pages<K> pages;
  private final Function<Rows.Row, K> key;
  private final long firstLimit;

  /** The statement that reads one page. */
  @FunctionalInterface
  public interface Pages<K> {
    /**
     * @param after only rows with a greater key, in ascending order of the key
     * @param limit at most this many rows
     */
    Statement page(K after, long limit);
  }

  /**
   * @param pages makes the statement of a page
   * @param key reads a row's key
   * @param rowsPerPage number of rows to try first
   */
  public PagedRead(Pages<K> pages, Function<Rows.Row, K> key, long rowsPerPage) {
    this.pages = pages;
    this.key = key;
    this.firstLimit = rowsPerPage;
  }

  /**
   * Reads every row behind a key.
   *
   * @param start a key before all wanted ones
   * @param sink takes the rows in order, each once
   */
  public void forEach(Catalog catalog, K start, Consumer<Rows.Row> sink) {
    forEachWhile(
        catalog,
        start,
        row -> {
          sink.accept(row);
          return true;
        });
  }

  /**
   * Reads rows behind a key for as long as they are taken.
   *
   * @param start a key before all wanted ones
   * @param sink takes the rows in order, each once; false when it did not want this one
   * @return whether all were taken
   */
  public boolean forEachWhile(Catalog catalog, K start, Predicate<Rows.Row> sink) {
    K after = start;
    long limit = firstLimit;
    while (true) {
      Rows rows;
      try {
        rows = catalog.execute(pages.page(after, limit));
      } catch (SheafException e) {
        limit = halved(limit, after, e);
        continue;
      }
      for (Rows.Row row : rows) {
        after = key.apply(row);
        if (!sink.test(row)) {
          return false;
        }
      }
      if (rows.size() < limit) {
        return true;
      }
    }
  }

  private static long halved(long limit, Object after, SheafException e) {
    if (e.kind() != ErrorKind.TOO_LARGE) {
      throw e;
    }
    if (limit == 1) {
      throw new SheafException(
          ErrorKind.TOO_LARGE,
          "the row behind key " + after + " alone passes the Data API's limits; read it in slices",
          e);
    }
    return limit / 2;
  }
}
