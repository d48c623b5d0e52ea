package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteCounter;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.ObjectRows;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Keeping;
import dev.sheaf.repository.intake.OutOfTimeException;
import dev.sheaf.repository.intake.Phase;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.repository.intake.Promotion;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one claimed job: streams the bundle out of the store, puts its objects, then writes all rows
 * in one transaction that also ends the job. Until that transaction commits nothing of the bundle
 * can be read; run again after any crash, it ends in the same state.
 */
final class BundleIndexer {
  private static final Logger log = LoggerFactory.getLogger(BundleIndexer.class);

  private final BundleIndex.Ports ports;
  private final Jobs jobs;
  private final SiteActivity activity;

  /**
   * @param activity takes note of each job that is done
   */
  BundleIndexer(BundleIndex.Ports ports, Jobs jobs, SiteActivity activity) {
    this.ports = ports;
    this.jobs = jobs;
    this.activity = activity;
  }

  /**
   * Runs a job to its end.
   *
   * @param isShortOfTime whether to leave the rest to another attempt
   * @return whether its lane has anything left
   * @throws OutOfTimeException when another attempt goes on from what this one has stored
   * @throws SheafException of a kind that {@link Failures} sorts into permanent or not
   * @throws IOException when the stream breaks
   */
  Jobs.Ended index(Jobs.Claim claim, BooleanSupplier isShortOfTime) throws IOException {
    RequestCounts requests = new RequestCounts();
    PhaseClock clock = new PhaseClock(ports.ticker());
    ObjectStore store = new CountingObjectStore(ports.store(), requests);
    Catalog catalog = new CountingCatalog(ports.catalog(), requests);

    Repo repo = repo(claim);
    Intake.Ports intakes = new Intake.Ports(catalog, store, ports.clock(), ports.limits());
    try (Intake intake =
        Intake.into(intakes, repo.repoId(), Keeping.IN_STORE, clock)
            .inAttempts(claim.job().jobId(), isShortOfTime)) {
      try {
        Unpacked unpacked = unpack(store, claim, repo, clock, intake);
        IndexTransaction transaction = new IndexTransaction(jobs, clock, requests);
        IndexTransaction.Written written = transaction.write(claim, unpacked, intake);
        log.info(written.report().logLine(claim.job(), clock, requests));
        note(repo, unpacked, intake.stored());
        return written.ended();
      } catch (IOException | RuntimeException e) {
        // For a job that ends now, or that another worker has, there is no next attempt.
        if (!Failures.isPermanent(e) && !(e instanceof LostClaimException)) {
          intake.saveProgress(e);
        }
        throw e;
      }
    }
  }

  /** Puts into the store what a repository's pushes left in the catalog; see {@link Promotion}. */
  void promote(String repoId) {
    Intake.Ports intakes =
        new Intake.Ports(ports.catalog(), ports.store(), ports.clock(), ports.limits());
    int promoted = new Promotion(intakes).promote(repoId);
    if (promoted > 0) {
      log.info("{} objects of repository {} left the catalog for the store", promoted, repoId);
    }
  }

  /** After the commit: a job that is taken over or rolled back has done nothing. */
  private void note(Repo repo, Unpacked bundle, List<ObjectRows.Stored> stored) {
    activity.count(SiteCounter.BUNDLES, 1);
    activity.count(SiteCounter.OBJECTS, stored.size());
    activity.count(SiteCounter.BYTES, bundle.sizeBytes());
    activity.written(ObjectKeys.bundle(repo.owner(), repo.name(), bundle.bundle()));
    stored.forEach(object -> activity.written(ObjectKeys.object(object.id())));
  }

  private static Repo repo(Jobs.Claim claim) {
    return claim
        .repo()
        .orElseThrow(() ->
            new SheafException(
                ErrorKind.INVALID,
                "repository " + claim.job().repoId() + " of the job no longer exists"));
  }

  /** Reads the bundle to its end; afterwards its objects are in the store. */
  private Unpacked unpack(
      ObjectStore store, Jobs.Claim claim, Repo repo, PhaseClock clock, Intake intake)
      throws IOException {
    ContentId bundle = ContentId.parse(claim.job().bundle());
    String key = ObjectKeys.bundle(repo.owner(), repo.name(), bundle);
    try (ObjectStore.Download download = open(store, key, clock)) {
      boolean proven = isProven(download.object(), bundle);
      InputStream in = new TimedInput(download.body(), clock);
      BundleReader reader = proven ? ports.reader().withoutHashing() : ports.reader();
      BundleSummary summary = clock.in(Phase.UNPACK, () -> reader.read(in, intake.sink()));
      ContentId hash = summary.sha256();
      if (hash != null && !hash.equals(bundle)) {
        throw notItsName(key, hash.hex());
      }
      intake.prepare();
      return new Unpacked(bundle, summary.sizeBytes());
    }
  }

  private static ObjectStore.Download open(ObjectStore store, String key, PhaseClock clock) {
    return clock.in(
        Phase.FETCH_BUNDLE,
        () ->
            store
                .get(key, ObjectStore.Read.WHOLE)
                .orElseThrow(() ->
                    new SheafException(
                        ErrorKind.INVALID,
                        "bundle " + key + " is not in the store; upload it again")));
  }

  /** Whether the store itself has checked that the bytes are what the name says. */
  private static boolean isProven(ObjectStore.StoredObject object, ContentId bundle) {
    if (object.size() == 0) {
      throw new SheafException(
          ErrorKind.INVALID, "bundle " + object.key() + " is empty; upload it again");
    }
    ContentId checksum = object.sha256();
    if (checksum != null && !checksum.equals(bundle)) {
      throw notItsName(object.key(), checksum.hex());
    }
    return checksum != null;
  }

  private static SheafException notItsName(String key, String actual) {
    return new SheafException(
        ErrorKind.INVALID,
        "bundle %s has other bytes than its name says: their SHA-256 is %s; upload it again"
            .formatted(key, actual));
  }
}
