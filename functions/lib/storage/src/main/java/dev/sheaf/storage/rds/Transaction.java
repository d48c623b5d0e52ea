package dev.sheaf.storage.rds;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/** The catalog inside one open transaction. */
final class Transaction implements Catalog {
  private final DataApi api;
  private final String id;
  private boolean open = true;

  Transaction(DataApi api, String id) {
    this.api = api;
    this.id = id;
  }

  @Override
  public Rows execute(Statement statement) {
    if (!open) {
      throw new IllegalStateException("the transaction has ended: " + DataApi.brief(statement));
    }
    try {
      return api.execute(statement, id);
    } catch (SdkException e) {
      throw DataApiFailures.of(DataApi.brief(statement), e);
    }
  }

  @Override
  public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
    throw new IllegalStateException("transactions do not nest");
  }

  void commit() {
    open = false;
    try {
      api.commit(id);
    } catch (SdkException e) {
      SheafException failure = DataApiFailures.of("commit", e);
      rollback(failure);
      throw failure;
    }
  }

  /** Gives up the transaction; that it cannot be told so is only noted on the reason. */
  void rollback(Throwable reason) {
    open = false;
    try {
      api.rollback(id);
    } catch (SdkException e) {
      // The Data API rolls back what idles for three minutes.
      reason.addSuppressed(e);
    }
  }
}
