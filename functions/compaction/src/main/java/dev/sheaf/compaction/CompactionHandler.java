package dev.sheaf.compaction;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.wiring.SystemHost;
import dev.sheaf.storage.wiring.Rehearsal;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.storage.wiring.SnapStart;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the journals of a site. Input: whatever a schedule sends; {@code {"dry_run": true}}
 * changes nothing and answers with the plan. Output: what was done, by namespace.
 *
 * <p>Two of them at once do no harm: one folds, the other reports a lost election.
 */
public final class CompactionHandler
    implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final Logger LOG = LoggerFactory.getLogger(CompactionHandler.class);

  private final Compaction compaction;

  /** For Lambda: configured by the process's environment. */
  public CompactionHandler() {
    this(System.getenv());
    SnapStart.before(CompactionHandler::rehearse);
  }

  /** Configured by these variables in place of the process's. */
  public CompactionHandler(Map<String, String> environment) {
    this(
        new Compaction(
            Site.from(environment).objects(),
            JournalOptions.forFunction(),
            SystemHost.instance().clock()));
  }

  CompactionHandler(Compaction compaction) {
    this.compaction = compaction;
  }

  /** A run over a bucket without journals; returns what it reports. */
  static Map<String, Object> rehearse() {
    try (Rehearsal aws = Rehearsal.start(0)) {
      aws.useObjects();
      return new CompactionHandler(aws.environment()).compaction.run(() -> 60_000).toMap();
    }
  }

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    if (Boolean.TRUE.equals(event.get("dry_run"))) {
      return compaction.plan();
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
    return run.toMap();
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
