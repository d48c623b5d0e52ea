package dev.sheaf.repair.wiring;

import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.repair.Cycle;
import dev.sheaf.repair.PackSpace;
import dev.sheaf.repair.Progress;
import dev.sheaf.repair.RepairOptions;
import dev.sheaf.repair.peer.PeerSites;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.rebuild.Rebuild;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes cycles for the site that variables describe. */
public final class SiteRepair {
  /** Objects come back a few at a time: most are small, and others use the store meanwhile. */
  private static final int PUTS_IN_FLIGHT = 32;

  private SiteRepair() {}

  /**
   * A cycle on the real ports; the catalog is brought up to date by it.
   *
   * @param environment {@code SHEAF_*} and {@code AWS_*}; {@code SHEAF_QUEUE_URL} is the queue that
   *     calls the function again
   * @param progress told how far it is
   */
  public static Cycle cycle(Map<String, String> environment, Progress progress) {
    return cycle(environment, progress, Machine.IDS);
  }

  /** The same with ids of another source. */
  public static Cycle cycle(
      Map<String, String> environment, Progress progress, Supplier<String> ids) {
    Site site = Site.from(environment);
    return cycle(site, environment, progress, site::queue, ids);
  }

  /** One for whoever goes on with it himself: no message asks for that. */
  public static Cycle cycleByHand(Map<String, String> environment, Progress progress) {
    JobQueue nobody = (_, _) -> {};
    return cycle(Site.from(environment), environment, progress, () -> nobody, Machine.IDS);
  }

  private static Cycle cycle(
      Site site,
      Map<String, String> environment,
      Progress progress,
      Supplier<JobQueue> queue,
      Supplier<String> ids) {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    ObjectStore store = site.objects();
    return new Cycle(
        new Cycle.Ports(
            store,
            migrated(site),
            BundleReader.spoolingTo(temporary),
            Limits.of(PUTS_IN_FLIGHT, Runtime.getRuntime().availableProcessors()),
            PackSpace.of(temporary),
            new KnownPresent(store, JournalOptions.forFunction()),
            peers(site, environment),
            queue,
            Machine.CLOCK,
            Machine.TICKER,
            ids),
        RepairOptions.from(environment),
        progress);
  }

  /**
   * What makes a catalog anew, on the real ports; the schema is brought up to date by it.
   *
   * @param environment {@code SHEAF_*} and {@code AWS_*}; {@code SHEAF_QUEUE_URL} is the queue of
   *     uploads
   * @param isDry whether to say only what there is to do
   * @param sink takes each step
   */
  public static Rebuild rebuild(
      Map<String, String> environment, boolean isDry, Consumer<Rebuild.Step> sink) {
    Site site = Site.from(environment);
    Peers peers = peers(site, environment);
    Rebuild.Ports ports =
        new Rebuild.Ports(
            migrated(site),
            site.objects(),
            SiteLog.of(OpsOptions.of(site.config(), environment), new Once<>(SecureRandom::new)),
            peers::bring,
            site::queue,
            Machine.CLOCK,
            Machine.IDS);
    return new Rebuild(ports, isDry, sink);
  }

  private static Peers peers(Site site, Map<String, String> environment) {
    return PeerSites.of(
        site.config(),
        environment,
        reference -> site.secrets().read(reference),
        Path.of(System.getProperty("java.io.tmpdir")),
        Machine.TICKER);
  }

  private static Catalog migrated(Site site) {
    Catalog catalog = site.catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }
}
