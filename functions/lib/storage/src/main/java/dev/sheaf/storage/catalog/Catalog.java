package dev.sheaf.storage.catalog;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres database reached statement by statement: what the RDS Data API offers, and no more.
 *
 * <p>Limits of every implementation, those of the Data API: a request of at most 4 MiB (SQL and all
 * parameters together, binary ones as base64), a result of at most 1 MiB, a row of at most 64 KB,
 * 45 s a statement, 3 minutes between two statements of a transaction. Callers split by encoded
 * bytes and read wide values in slices.
 *
 * <p>Failures are {@link dev.sheaf.bundle.SheafException}s: {@code TOO_LARGE} for a passed limit,
 * {@code CONFLICT} for a violated constraint, a deadlock or a serialization failure, {@code
 * UNAVAILABLE} when the database cannot be reached or is asleep (a resuming Aurora is waited for),
 * {@code INVALID} for SQL that the database refuses. After {@code UNAVAILABLE} on a write outside a
 * transaction, or on a commit, the outcome is unknown.
 */
public interface Catalog {
  /**
   * Runs one statement in a transaction of its own. When the network fails a {@code select} may run
   * more than once, any other statement at most once.
   */
  Rows execute(Statement statement);

  /**
   * Runs work in one transaction: committed when the work returns, rolled back when it throws. The
   * catalog given to the work is valid only inside it and by one thread at a time; transactions do
   * not nest.
   */
  <T extends @Nullable Object> T transaction(Function<Catalog, T> work);
}
