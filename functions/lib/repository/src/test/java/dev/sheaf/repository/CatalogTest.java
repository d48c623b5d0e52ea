package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.SequentialIds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A test class with an empty catalog of its own, reached through the Data API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class CatalogTest {
  public static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901Z");

  protected static final String SELF = "https://self.example";

  @SuppressWarnings("NullAway.Init")
  public Catalog catalog;

  protected final ManualClock clock = new ManualClock(NOW);
  protected final SequentialIds ids = new SequentialIds();

  /** Others follow: what is written is told. */
  protected final SiteLog log = new SiteLog(SELF, SELF, () -> new Random(1));

  @BeforeAll
  protected void createCatalog() throws IOException {
    catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
  }

  protected Repo newRepo() {
    String id = ids.get();
    return new Repos(catalog, log).findOrCreate("owner", id, id, NOW);
  }

  protected Jobs jobs() {
    return new Jobs(catalog, clock, ids, log);
  }

  protected static ContentId id(String text) {
    return Ids.object(text.getBytes(StandardCharsets.UTF_8));
  }
}
