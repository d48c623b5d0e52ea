package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.git.PackLimits;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteJournal;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.SpentUploads;
import dev.sheaf.repository.git.GitManifests;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
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
   * @param temp where a git bundle's pack lies while it is taken in
   * @param packs what such a pack may be
   * @param queue the queue that its messages come from; asked for when first needed
   * @param ids makes ids of repositories and jobs
   * @param ticker a monotonic clock in nanoseconds
   * @param deadLetters the queue for what is given up; asked for when first needed
   * @param staleClaim age of a claim whose worker must be dead
   * @param retryAfter pause after the first run that failed; after the second it is twice as long
   * @param log tells others of what is taken in
   */
  record Ports(
      ObjectStore store,
      Catalog catalog,
      Supplier<JobQueue> queue,
      Supplier<JobQueue> deadLetters,
      BundleReader reader,
      Limits limits,
      Path temp,
      PackLimits packs,
      InstantSource clock,
      LongSupplier ticker,
      Supplier<String> ids,
      Duration staleClaim,
      Duration retryAfter,
      SiteLog log) {}

  BundleIndex(Ports ports) {
    this.ports = ports;
    this.jobs = new Jobs(ports.catalog(), ports.clock(), ports.ids(), ports.log());
    this.activity = new SiteActivity(ports.clock());
    this.journal = new SiteJournal(ports.store(), JournalOptions.forFunction());
    BundleIndexer indexer = new BundleIndexer(ports, jobs, activity);
    this.lane = new Lane(ports, jobs, indexer);
  }

  /** The function on the real ports of a site. */
  static BundleIndex of(Site site) {
    return of(site, Machine.IDS);
  }

  static BundleIndex of(Site site, Supplier<String> ids) {
    int processors = Runtime.getRuntime().availableProcessors();
    Path temp = Path.of(System.getProperty("java.io.tmpdir"));
    return new BundleIndex(
        new Ports(
            site.objects(),
            site.catalog(),
            site::queue,
            site::deadLetters,
            BundleReader.spoolingTo(temp),
            Limits.of(site.config().putSlots(), processors),
            temp,
            PackLimits.of(Runtime.getRuntime().maxMemory(), temp.toFile().getUsableSpace()),
            Machine.CLOCK,
            Machine.TICKER,
            ids,
            site.config().staleClaim(),
            site.config().retryAfter(),
            SiteLog.of(OpsOptions.of(site.config(), Map.of()), new Once<>(SecureRandom::new))));
  }

  /** Handles one message that comes back if this does not. */
  void handle(String body, LongSupplier remainingMillis) {
    handle(body, false, remainingMillis);
  }

  /**
   * Handles one message.
   *
   * @param isLast whether nobody is given the message again if this does not come back
   * @param remainingMillis time left for this invocation
   */
  void handle(String body, boolean isLast, LongSupplier remainingMillis) {
    migrate();
    switch (QueueMessage.parse(body, ports.store().bucket())) {
      case QueueMessage.Ignored(String reason) -> log.warn("message ignored: {}", reason);
      case QueueMessage.Wake(WakeUp wakeUp) -> wake(wakeUp, isLast, remainingMillis);
      case QueueMessage.Uploads uploads -> index(uploads, isLast, remainingMillis);
    }
  }

  /** One message each, so that no repository waits for another one. */
  private void wake(WakeUp wakeUp, boolean isLast, LongSupplier remainingMillis) {
    if (wakeUp.repoId() == null) {
      jobs.activeRepos().forEach(repo -> ports.queue().get().send(WakeUp.of(repo).body()));
    } else {
      lane.drain(wakeUp.repoId(), isLast, remainingMillis);
    }
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

  private void index(QueueMessage.Uploads uploads, boolean isLast, LongSupplier remainingMillis) {
    Set<String> repos = new LinkedHashSet<>();
    uploads.uploads().forEach(upload -> enqueue(upload).ifPresent(repos::add));
    repos.forEach(repoId -> lane.drain(repoId, isLast, remainingMillis));
  }

  /** The repository whose lane the upload's job is in; empty for a place that nobody can make. */
  private Optional<String> enqueue(QueueMessage.Upload upload) {
    String owner = upload.key().owner();
    String name = upload.key().repo();
    Jobs.Upload noted =
        new Jobs.Upload(upload.key().bundle(), upload.sizeBytes(), upload.uploadId());
    Jobs.Noted found = jobs.noted(owner, name, noted);
    if (found.repo().isEmpty() && !ObjectKeys.isName(name)) {
      log.warn("an upload for {}/{}, which does not exist; it moves nothing", owner, name);
      return Optional.empty();
    }
    Repo repo = found.repo().orElseGet(() -> made(owner, name));
    if (!found.hasJob()) {
      addJob(repo, noted);
    }
    return Optional.of(repo.repoId());
  }

  private Repo made(String owner, String name) {
    KnownBucket bucket = new KnownBucket(ports.catalog(), ports::store);
    return new Repos(ports.catalog(), ports.log(), bucket)
        .findOrCreate(owner, name, ports.ids().get(), ports.clock().instant());
  }

  private void addJob(Repo repo, Jobs.Upload upload) {
    String key = ObjectKeys.bundle(repo.owner(), repo.name(), upload.bundle());
    Optional<Job> job =
        jobs.uploaded(
            repo.repoId(),
            upload,
            () -> ports.store().head(key).map(ObjectStore.StoredObject::lastModified));
    if (job.isEmpty()) {
      log.info("upload {} was refused when it was announced, or taken in long ago", key);
    }
    boolean isOver = job.map(known -> known.status() == Job.Status.DONE).orElse(true);
    if (isOver && repo.kind() == Repo.Kind.GIT) {
      // Whoever took it in may have died before the last step, which is no part of the commit.
      new GitManifests(ports.catalog(), ports.store()).catchUp(repo);
      new SpentUploads(ports.catalog(), ports.store()).arrived(repo.repoId(), upload.bundle());
    }
  }
}
