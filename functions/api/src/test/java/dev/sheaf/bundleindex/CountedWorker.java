package dev.sheaf.bundleindex;

import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.git.PackLimits;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;

/** The worker of a site, its requests counted. */
public final class CountedWorker {
  private final BundleIndex index;

  public CountedWorker(Site site, RequestCounts counts) {
    Path temp = Path.of(System.getProperty("java.io.tmpdir"));
    index =
        new BundleIndex(
            new BundleIndex.Ports(
                new CountingObjectStore(site.objects(), counts),
                new CountingCatalog(site.catalog(), counts),
                site::queue,
                site::deadLetters,
                BundleReader.spoolingTo(temp),
                Limits.of(32, 2),
                temp,
                PackLimits.of(1L << 30, 1L << 30),
                Machine.CLOCK,
                Machine.TICKER,
                Machine.IDS,
                site.config().staleClaim(),
                site.config().retryAfter(),
                SiteLog.of(OpsOptions.of(site.config(), Map.of()), SecureRandom::new)));
  }

  /** Handles a message. */
  public void handle(String body) {
    index.handle(body, () -> 600_000);
  }
}
