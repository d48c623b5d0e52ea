package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteCounter;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Keeping;
import dev.sheaf.repository.intake.OutOfTimeException;
import dev.sheaf.repository.intake.Phase;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.repository.intake.Promotion;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import java.io.IOException;
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
  private final GitIndexer git;

  /**
   * @param activity takes note of each job that is done
   */
  BundleIndexer(BundleIndex.Ports ports, Jobs jobs, SiteActivity activity) {
    this.ports = ports;
    this.jobs = jobs;
    this.activity = activity;
    this.git = new GitIndexer(ports, jobs, activity);
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
    ContentId bundle = ContentId.parse(claim.job().bundle());
    String key = ObjectKeys.bundle(repo.owner(), repo.name(), bundle);
    try (Arrival arrival = Arrival.open(store, key, bundle, clock)) {
      GitIndexer.Meters meters = new GitIndexer.Meters(catalog, store, requests, clock);
      return arrival.isGitBundle()
          ? git.index(claim, repo, arrival, meters)
          : index(claim, repo, arrival, meters, isShortOfTime);
    }
  }

  private Jobs.Ended index(
      Jobs.Claim claim,
      Repo repo,
      Arrival arrival,
      GitIndexer.Meters meters,
      BooleanSupplier isShortOfTime)
      throws IOException {
    PhaseClock clock = meters.clock();
    RequestCounts requests = meters.requests();
    Intake.Ports intakes =
        new Intake.Ports(
            meters.catalog(), meters.store(), ports.clock(), ports.limits(), ports.log());
    try (Intake intake =
        Intake.into(intakes, repo.repoId(), Keeping.IN_STORE, clock)
            .inAttempts(claim.job().jobId(), isShortOfTime)) {
      try {
        Unpacked unpacked = unpack(arrival, claim, clock, intake);
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
        new Intake.Ports(
            ports.catalog(), ports.store(), ports.clock(), ports.limits(), ports.log());
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
  private Unpacked unpack(Arrival arrival, Jobs.Claim claim, PhaseClock clock, Intake intake)
      throws IOException {
    // Closed before the transaction, which takes its time.
    try (arrival) {
      BundleReader reader = arrival.isProven() ? ports.reader().withoutHashing() : ports.reader();
      BundleSummary summary =
          clock.in(Phase.UNPACK, () -> reader.read(arrival.body(), intake.sink()));
      ContentId hash = summary.sha256();
      if (hash != null) {
        arrival.requireName(hash);
      }
      intake.prepare();
      return new Unpacked(ContentId.parse(claim.job().bundle()), summary.sizeBytes());
    }
  }
}
