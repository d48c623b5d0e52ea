package dev.sheaf.bundleindex;

import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteJournal;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Job;
import dev.sheaf.repository.JobPayload;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns messages into jobs, and runs the jobs of the repositories that they are about. */
final class BundleIndex {
  private static final Logger log = LoggerFactory.getLogger(BundleIndex.class);

  private final Ports ports;
  private final Jobs jobs;
  private final Lane lane;
  private final SiteActivity activity;
  private final SiteJournal journal;
  private boolean isMigrated;

  /**
   * What the function works with.
   *
   * @param queue the queue that its messages come from; asked for when first needed
   * @param ids makes ids of repositories and jobs
   * @param ticker a monotonic clock in nanoseconds
   * @param staleClaim age of a claim whose worker must be dead
   */
  record Ports(
      ObjectStore store,
      Catalog catalog,
      Supplier<JobQueue> queue,
      BundleReader reader,
      Limits limits,
      InstantSource clock,
      LongSupplier ticker,
      Supplier<String> ids,
      Duration staleClaim) {}

  BundleIndex(Ports ports) {
    this.ports = ports;
    this.jobs = new Jobs(ports.catalog(), ports.clock(), ports.ids());
    this.activity = new SiteActivity(ports.clock());
    this.journal = new SiteJournal(ports.store(), JournalOptions.forFunction());
    BundleIndexer indexer = new BundleIndexer(ports, jobs, activity);
    this.lane = new Lane(jobs, indexer, ports.queue(), ports.clock(), ports.staleClaim());
  }

  /** The function on the real ports of a site. */
  static BundleIndex of(Site site) {
    return of(site, Machine.IDS);
  }

  static BundleIndex of(Site site, Supplier<String> ids) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new BundleIndex(
        new Ports(
            site.objects(),
            site.catalog(),
            site::queue,
            BundleReader.spoolingTo(Path.of(System.getProperty("java.io.tmpdir"))),
            Limits.of(site.config().putSlots(), processors),
            Machine.CLOCK,
            Machine.TICKER,
            ids,
            site.config().staleClaim()));
  }

  /**
   * Handles one message.
   *
   * @param isRedelivered whether it was received before
   * @param remainingMillis time left for this invocation
   * @return false when the message has to come back
   */
  boolean handle(String body, boolean isRedelivered, LongSupplier remainingMillis) {
    migrate();
    return switch (QueueMessage.parse(body, ports.store().bucket())) {
      case QueueMessage.Ignored(String reason) -> {
        log.warn("message ignored: {}", reason);
        yield true;
      }
      case QueueMessage.WakeUp(String repoId) ->
          !lane.drain(repoId, isRedelivered, remainingMillis).isWaiting();
      case QueueMessage.Uploads uploads -> index(uploads, isRedelivered, remainingMillis);
    };
  }

  /**
   * Writes down what the messages of an invocation came to: at most one PUT, and nothing in flight
   * when this returns. That it fails is a line in the log: the jobs are done.
   */
  void writeActivity(LongSupplier remainingMillis) {
    journal.record(activity, Duration.ofMillis(remainingMillis.getAsLong()));
  }

  /** Once in the life of a process; another one may have done it before. */
  private synchronized void migrate() {
    if (!isMigrated) {
      CatalogSchema.migrations().apply(ports.catalog());
      isMigrated = true;
    }
  }

  private boolean index(
      QueueMessage.Uploads uploads, boolean isRedelivered, LongSupplier remainingMillis) {
    Set<String> repos = new LinkedHashSet<>();
    Set<String> own = new HashSet<>();
    for (QueueMessage.Upload upload : uploads.uploads()) {
      Job job = enqueue(upload);
      repos.add(job.repoId());
      own.add(job.jobId());
    }
    boolean consumed = true;
    for (String repoId : repos) {
      Lane.Outcome outcome = lane.drain(repoId, isRedelivered, remainingMillis);
      // A job that was given up takes its message to the dead-letter queue.
      consumed &= !outcome.isWaiting() && Collections.disjoint(own, outcome.givenUp());
    }
    return consumed;
  }

  private Job enqueue(QueueMessage.Upload upload) {
    Repo repo =
        new Repos(ports.catalog())
            .findOrCreate(
                upload.key().owner(),
                upload.key().repo(),
                ports.ids().get(),
                ports.clock().instant());
    return jobs.enqueue(
            repo.repoId(),
            upload.key().bundle(),
            upload.sizeBytes(),
            JobPayload.ofUpload(upload.uploadId()))
        .job();
  }
}
