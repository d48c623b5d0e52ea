package dev.sheaf.storage.rds;

import dev.sheaf.storage.Sleeper;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;

/**
 * {@link Catalog} on Aurora Postgres through the RDS Data API: HTTP requests, no connection to
 * keep.
 *
 * <p>A paused database is waited for, at the beginning of a transaction or of a single statement. A
 * statement that may have been executed is not sent again by the adapter, for the Data API offers
 * nothing by which the database could tell a repetition; except one that {@linkplain
 * Statement#isRepeatable may be run twice}, outside a transaction.
 */
public final class DataApiCatalog implements Catalog {
  private final DataApi api;
  private final WakeUpWait wakeUp;

  /**
   * Where the catalog is.
   *
   * @param clusterArn the Aurora cluster
   * @param secretArn the Secrets Manager secret with its user and password
   * @param name the database in the cluster
   */
  public record Database(String clusterArn, String secretArn, String name) {}

  /**
   * The client stays the caller's: it closes it.
   *
   * @param sleeper waits while a paused database resumes
   */
  public DataApiCatalog(RdsDataClient client, Database database, Sleeper sleeper) {
    this.api = new DataApi(client, database);
    this.wakeUp = new WakeUpWait(sleeper);
  }

  @Override
  public Rows execute(Statement statement) {
    return wakeUp.call(DataApi.brief(statement), () -> api.execute(statement, null));
  }

  @Override
  public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
    Transaction transaction = new Transaction(api, wakeUp.call("begin", api::begin));
    T result;
    try {
      result = work.apply(transaction);
    } catch (Throwable e) {
      transaction.rollback(e);
      throw e;
    }
    transaction.commit();
    return result;
  }
}
