package dev.sheaf.compaction;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.compaction.wiring.CompactionWiring;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.wiring.SystemHost;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.wiring.Rehearsal;
import dev.sheaf.storage.wiring.SnapStart;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the journals of a site, then folds the packs of its git repositories. Input: whatever a
 * schedule sends; {@code {"dry_run": true}} changes nothing and answers with the plan. Output: what
 * was done, by namespace and by repository.
 *
 * <p>Two of them at once do no harm: one folds, the other reports a lost election.
 */
public final class CompactionHandler
    implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final Logger LOG = LoggerFactory.getLogger(CompactionHandler.class);

  /** Longer than any clone takes that began with packs which a fold has replaced since. */
  private static final Duration GRACE = Duration.ofDays(2);

  private final Compaction compaction;
  private final PackFolding folding;

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
            wiring.limits(),
            clock));
  }

  CompactionHandler(Compaction compaction, PackFolding folding) {
    this.compaction = compaction;
    this.folding = folding;
  }

  /** A run over a bucket without journals; returns what it reports. */
  static Map<String, Object> rehearse() {
    try (Rehearsal aws = Rehearsal.start(0)) {
      aws.useObjects();
      CompactionHandler handler = new CompactionHandler(aws.environment());
      return answer(handler.compaction.run(() -> 60_000), handler.folding.run(() -> 60_000));
    }
  }

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    if (Boolean.TRUE.equals(event.get("dry_run"))) {
      Map<String, Object> plan = new LinkedHashMap<>(compaction.plan());
      plan.put("git", folding.plan());
      return plan;
    }
    CompactionRun run = run(context);
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
    return answer(run, fold(context));
  }

  private static Map<String, Object> answer(CompactionRun run, List<PackFolding.Outcome> folds) {
    Map<String, Object> answer = new LinkedHashMap<>(run.toMap());
    answer.put("git", folds.stream().map(PackFolding.Outcome::toMap).toList());
    return answer;
  }

  private List<PackFolding.Outcome> fold(Context context) {
    List<PackFolding.Outcome> outcomes = folding.run(context::getRemainingTimeInMillis);
    for (PackFolding.Outcome outcome : outcomes) {
      LOG.info("{}", outcome.logLine());
      outcome
          .failure()
          .ifPresent(e ->
              LOG.error(
                  "packs were not folded; repo={} reason={}", outcome.repo(), e.getMessage()));
    }
    return outcomes;
  }

  /** Fails as a whole when the bucket cannot be listed: Lambda counts it, and an alarm watches. */
  private CompactionRun run(Context context) {
    try {
      return compaction.run(context::getRemainingTimeInMillis);
    } catch (SheafException e) {
      LOG.error("nothing was compacted; reason={}", e.getMessage());
      throw e;
    }
  }
}
