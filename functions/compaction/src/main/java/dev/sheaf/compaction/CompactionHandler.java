package dev.sheaf.compaction;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.compaction.wiring.CompactionWiring;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.wiring.SystemHost;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Purges;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SpentUploads;
import dev.sheaf.repository.Travelling;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.repository.git.OrphanPacks;
import dev.sheaf.repository.history.UnnamedObjects;
import dev.sheaf.repository.job.OverJobs;
import dev.sheaf.repository.merge.Merges;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.wiring.Rehearsal;
import dev.sheaf.storage.wiring.SnapStart;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the journals of a site, then folds the packs of its git repositories, merges the bundles
 * of the others and deletes packs, uploads and rows of jobs that are of no use any more, and what
 * is over of deleted repositories and objects that no repository names, then keeps its operation
 * log small. Input: whatever a schedule sends; {@code {"dry_run": true}} changes nothing and
 * answers with the plan. Output: what was done, by namespace, by repository and to the log.
 *
 * <p>Two of them at once do no harm: one folds, the other reports a lost election; of the log, one
 * does what is due.
 */
public final class CompactionHandler
    implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final Logger LOG = LoggerFactory.getLogger(CompactionHandler.class);

  /** Longer than any clone takes that began with packs which a fold has replaced since. */
  private static final Duration GRACE = Duration.ofDays(2);

  private final Compaction compaction;
  private final PackFolding folding;
  private final Optional<UploadSweep> uploads;
  private final Optional<JobSweep> jobs;
  private final Optional<BundleMerging> merging;
  private final Optional<RepositoryPurge> purge;
  private final Optional<ObjectSweep> objects;
  private final Optional<OpsCleanup> ops;

  /** For Lambda: configured by the process's environment. */
  public CompactionHandler() {
    this(System.getenv());
    SnapStart.before(CompactionHandler::rehearse);
  }

  /** Configured by these variables in place of the process's. */
  public CompactionHandler(Map<String, String> environment) {
    this(CompactionWiring.of(environment), SystemHost.instance().clock());
  }

  private CompactionHandler(CompactionWiring wiring, InstantSource clock) {
    this(
        new Compaction(wiring.bucket(), JournalOptions.forFunction(), clock),
        new PackFolding(
            wiring.bucket(),
            new Once<>(() -> new Repos(wiring.catalog().get())),
            new Once<>(() -> new GitFolds(wiring.git().get(), wiring.limits(), GRACE)),
            new Once<>(() -> new OrphanPacks(wiring.git().get(), GRACE)),
            GRACE,
            wiring.limits(),
            clock),
        wiring
            .ops()
            .map(_ ->
                new UploadSweep(
                    new Once<>(() -> new SpentUploads(wiring.catalog().get(), wiring.bucket())),
                    clock)),
        wiring
            .ops()
            .map(_ ->
                new JobSweep(
                    new Once<>(() -> new OverJobs(wiring.catalog().get(), wiring.jobsKept())),
                    clock)),
        wiring
            .ops()
            .map(_ ->
                new BundleMerging(
                    new Once<>(() ->
                        new Merges(
                            wiring.catalog().get(), wiring.bucket(), wiring.temp(), GRACE, clock)),
                    clock)),
        wiring
            .ops()
            .map(_ ->
                new RepositoryPurge(
                    new Once<>(
                        () -> new Purges(wiring.catalog().get(), wiring.bucket(), wiring.log())),
                    clock)),
        wiring
            .ops()
            .map(_ ->
                new ObjectSweep(
                    new Once<>(
                        () -> new UnnamedObjects(wiring.catalog().get(), wiring.bucket(), clock)),
                    clock)),
        wiring
            .ops()
            .map(options ->
                new OpsCleanup(
                    wiring.catalog(),
                    options,
                    Travelling.TABLES.stream().map(RegisteredTable::name).toList(),
                    wiring.version(),
                    clock)));
  }

  CompactionHandler(
      Compaction compaction,
      PackFolding folding,
      Optional<UploadSweep> uploads,
      Optional<JobSweep> jobs,
      Optional<BundleMerging> merging,
      Optional<RepositoryPurge> purge,
      Optional<ObjectSweep> objects,
      Optional<OpsCleanup> ops) {
    this.compaction = compaction;
    this.folding = folding;
    this.uploads = uploads;
    this.jobs = jobs;
    this.merging = merging;
    this.purge = purge;
    this.objects = objects;
    this.ops = ops;
  }

  /** A run over a bucket without journals and a log without ops; returns what it reports. */
  static Map<String, Object> rehearse() {
    try (Rehearsal aws = Rehearsal.start(CatalogSchema.migrations().latest())) {
      aws.useObjects();
      return new CompactionHandler(aws.environment()).run("rehearsal", () -> 60_000);
    }
  }

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    return Boolean.TRUE.equals(event.get("dry_run"))
        ? plan()
        : run(context.getAwsRequestId(), context::getRemainingTimeInMillis);
  }

  private Map<String, Object> plan() {
    Map<String, Object> plan = new LinkedHashMap<>(compaction.plan());
    plan.put("git", folding.plan());
    uploads.ifPresent(sweep -> plan.put("uploads", sweep.plan()));
    jobs.ifPresent(sweep -> plan.put("jobs", sweep.plan()));
    merging.ifPresent(bundles -> plan.put("muse", bundles.plan()));
    purge.ifPresent(deleted -> plan.put("deleted", deleted.plan()));
    objects.ifPresent(sweep -> plan.put("objects", sweep.plan()));
    ops.ifPresent(log -> plan.put("ops", log.plan().fields()));
    return plan;
  }

  private Map<String, Object> run(String runner, IntSupplier remainingMillis) {
    Map<String, Object> answer = new LinkedHashMap<>(compact(remainingMillis).toMap());
    PackFolding.Run folded = fold(remainingMillis);
    answer.put("git", folded.outcomes().stream().map(PackFolding.Outcome::toMap).toList());
    uploads.ifPresent(sweep -> answer.put("uploads", sweep(sweep, folded.askedCatalog())));
    jobs.ifPresent(sweep -> answer.put("jobs", sweep(sweep, folded.askedCatalog())));
    merging.ifPresent(
        bundles -> answer.put("muse", merge(bundles, folded.askedCatalog(), remainingMillis)));
    purge.ifPresent(
        deleted -> answer.put("deleted", purge(deleted, folded.askedCatalog(), remainingMillis)));
    objects.ifPresent(
        sweep -> answer.put("objects", sweep(sweep, folded.askedCatalog(), remainingMillis)));
    ops.ifPresent(log -> answer.put("ops", cleanUp(log, runner, remainingMillis)));
    return answer;
  }

  /** The rest is done by then, whatever becomes of the log. */
  private static Map<String, Object> cleanUp(
      OpsCleanup log, String runner, IntSupplier remainingMillis) {
    try {
      OpsCleanupRun run = log.run(runner, remainingMillis);
      if (!run.failures().isEmpty()) {
        LOG.error("{}", run.logLine());
      } else if (run.hasRun()) {
        LOG.info("{}", run.logLine());
      }
      return run.toMap();
    } catch (SheafException e) {
      LOG.error("{}", OpsCleanupRun.failedLine(String.valueOf(e.getMessage())));
      return Map.of("error", String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, Object> sweep(UploadSweep uploads, boolean isCatalogAwake) {
    try {
      UploadSweep.Run run = uploads.run(isCatalogAwake);
      if (run.deleted() > 0) {
        LOG.info("uploads of git repositories deleted, packs stand for them: {}", run.deleted());
      }
      run.kept().forEach((key, reason) -> LOG.error("{} was not deleted: {}", key, reason));
      return run.toMap();
    } catch (SheafException e) {
      LOG.error("uploads were not looked at; reason={}", e.getMessage());
      return Map.of("error", String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, Object> sweep(JobSweep jobs, boolean isCatalogAwake) {
    try {
      int deleted = jobs.run(isCatalogAwake);
      if (deleted > 0) {
        LOG.info("rows of jobs deleted that have been over for long: {}", deleted);
      }
      return Map.of("deleted", deleted);
    } catch (SheafException e) {
      LOG.error("jobs were not looked at; reason={}", e.getMessage());
      return Map.of("error", String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, Object> sweep(
      ObjectSweep objects, boolean isCatalogAwake, IntSupplier remainingMillis) {
    try {
      UnnamedObjects.Done done = objects.run(isCatalogAwake, remainingMillis);
      if (done.looked() > 0) {
        LOG.info("objects that no repository names: {}", done);
      }
      return ObjectSweep.toMap(done);
    } catch (SheafException e) {
      LOG.error("objects that no repository names stay; reason={}", e.getMessage());
      return Map.of("error", String.valueOf(e.getMessage()));
    }
  }

  private static List<Map<String, Object>> merge(
      BundleMerging bundles, boolean isCatalogAwake, IntSupplier remainingMillis) {
    try {
      List<BundleMerging.Outcome> outcomes = bundles.run(isCatalogAwake, remainingMillis);
      for (BundleMerging.Outcome outcome : outcomes) {
        LOG.info("bundles merged: {}", outcome.toMap());
        outcome
            .failure()
            .ifPresent(e ->
                LOG.error(
                    "bundles were not merged; repo={} reason={}", outcome.place(), e.getMessage()));
      }
      return outcomes.stream().map(BundleMerging.Outcome::toMap).toList();
    } catch (SheafException e) {
      LOG.error("bundles were not looked at; reason={}", e.getMessage());
      return List.of(Map.of("error", String.valueOf(e.getMessage())));
    }
  }

  private static List<Map<String, Object>> purge(
      RepositoryPurge deleted, boolean isCatalogAwake, IntSupplier remainingMillis) {
    try {
      List<RepositoryPurge.Outcome> outcomes = deleted.run(isCatalogAwake, remainingMillis);
      for (RepositoryPurge.Outcome outcome : outcomes) {
        LOG.info("deleted repository taken away: {}", outcome.toMap());
        outcome
            .failure()
            .ifPresent(e ->
                LOG.error(
                    "a deleted repository was not taken away; repo={} reason={}",
                    outcome.step().place(),
                    e.getMessage()));
      }
      return outcomes.stream().map(RepositoryPurge.Outcome::toMap).toList();
    } catch (SheafException e) {
      LOG.error("deleted repositories were not looked at; reason={}", e.getMessage());
      return List.of(Map.of("error", String.valueOf(e.getMessage())));
    }
  }

  private PackFolding.Run fold(IntSupplier remainingMillis) {
    PackFolding.Run run = folding.run(remainingMillis);
    for (PackFolding.Outcome outcome : run.outcomes()) {
      LOG.info("{}", outcome.logLine());
      outcome
          .failure()
          .ifPresent(e ->
              LOG.error(
                  "packs were not folded; repo={} reason={}", outcome.repo(), e.getMessage()));
    }
    return run;
  }

  /** Fails as a whole when the bucket cannot be listed: Lambda counts it, and an alarm watches. */
  private CompactionRun compact(IntSupplier remainingMillis) {
    try {
      CompactionRun run = compaction.run(remainingMillis);
      report(run);
      return run;
    } catch (SheafException e) {
      LOG.error("nothing was compacted; reason={}", e.getMessage());
      throw e;
    }
  }

  private static void report(CompactionRun run) {
    LOG.info("{}", run.logLine());
    run.failures()
        .forEach(failed ->
            LOG.error(
                "compaction failed; namespace={} reason={}",
                failed.namespace(),
                failed.failure().map(Throwable::getMessage).orElse("")));
    run.sorting()
        .failure()
        .ifPresent(e -> LOG.error("known-present keys were not sorted; reason={}", e.getMessage()));
  }
}
