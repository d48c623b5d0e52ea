package dev.sheaf.testing;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A catalog in which one request fails as {@link Faults} says. Begin and commit of a transaction
 * are requests too; a transaction whose process died is rolled back at once, where the Data API
 * would hold its locks for some minutes more.
 */
public final class FaultyCatalog implements Catalog {
  private final Catalog catalog;
  private final Faults faults;

  public FaultyCatalog(Catalog catalog, Faults faults) {
    this.catalog = catalog;
    this.faults = faults;
  }

  @Override
  public Rows execute(Statement statement) {
    return faults.request(brief(statement), () -> catalog.execute(statement));
  }

  @Override
  public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
    boolean failAfterBegin = faults.begin("begin");
    boolean[] failAfterCommit = new boolean[1];
    T result =
        catalog.transaction(transaction -> {
          if (failAfterBegin) {
            faults.fail("after begin");
          }
          T done = work.apply(new FaultyCatalog(transaction, faults));
          failAfterCommit[0] = faults.begin("commit");
          return done;
        });
    if (failAfterCommit[0]) {
      faults.fail("after commit");
    }
    return result;
  }

  private static String brief(Statement statement) {
    String line = statement.sql().strip().replaceAll("\\s+", " ");
    return line.length() > 80 ? line.substring(0, 80) + "..." : line;
  }
}
