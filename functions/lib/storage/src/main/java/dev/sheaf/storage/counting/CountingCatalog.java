package dev.sheaf.storage.counting;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A catalog whose requests are counted before they are made. */
public final class CountingCatalog implements Catalog {
  private final Catalog catalog;
  private final RequestCounts counts;

  public CountingCatalog(Catalog catalog, RequestCounts counts) {
    this.catalog = catalog;
    this.counts = counts;
  }

  @Override
  public Rows execute(Statement statement) {
    counts.add(RequestKind.CATALOG_STATEMENT);
    return catalog.execute(statement);
  }

  @Override
  public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
    counts.add(RequestKind.CATALOG_BEGIN);
    return catalog.transaction(transaction -> {
      T result;
      try {
        result = work.apply(new CountingCatalog(transaction, counts));
      } catch (Throwable e) {
        counts.add(RequestKind.CATALOG_ROLLBACK);
        throw e;
      }
      counts.add(RequestKind.CATALOG_COMMIT);
      return result;
    });
  }
}
