package dev.sheaf.siterepair;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dev.sheaf.repair.Continuation;
import dev.sheaf.repair.Cycle;
import dev.sheaf.repair.CycleRun;
import dev.sheaf.repair.Progress;
import dev.sheaf.repair.wiring.SiteRepair;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.storage.wiring.Rehearsal;
import dev.sheaf.storage.wiring.SnapStart;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs cycles of repair. Input: whatever a schedule sends; a message of its own queue, which asks
 * to go on with a cycle; or {@code {"dry_run": true}}, which changes nothing and answers with the
 * plan. Output: how the run ended, and the cycle as it stands.
 */
public final class RepairHandler
    implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final Logger LOG = LoggerFactory.getLogger(RepairHandler.class);

  /** With less time than this nothing further is begun. */
  private static final Duration SHORT_OF_TIME = Duration.ofSeconds(60);

  /** An answer holds 6 MB. */
  private static final int STEPS_OF_A_PLAN = 1_000;

  private final Supplier<Cycle> cycles;

  /** For Lambda: configured by the process's environment. */
  public RepairHandler() {
    this(System.getenv());
    SnapStart.before(RepairHandler::rehearse);
  }

  /** Configured by these variables in place of the process's. */
  public RepairHandler(Map<String, String> environment) {
    this(() -> SiteRepair.cycle(environment, Progress.NONE));
  }

  RepairHandler(Supplier<Cycle> cycles) {
    this.cycles = cycles;
  }

  /**
   * As far as a site goes that answers everything with emptiness: a runner finds no lease there.
   * Its name is not drawn: the generator must not have begun when a snapshot is taken.
   */
  static Map<String, Object> rehearse() {
    try (Rehearsal aws = Rehearsal.start(CatalogSchema.migrations().latest())) {
      aws.useObjects();
      Supplier<Cycle> cycle =
          () -> SiteRepair.cycle(aws.environment(), Progress.NONE, () -> "rehearsal");
      return answer(cycle.get().run(Optional.empty(), () -> false));
    }
  }

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    if (Boolean.TRUE.equals(event.get("dry_run"))) {
      return plan();
    }
    if (event.get("Records") instanceof List<?> messages) {
      messages.forEach(message -> handleMessage(message, context));
      return Map.of("batchItemFailures", List.of());
    }
    return answer(run(Optional.empty(), context));
  }

  /** One that cannot be read asks for nothing; one that fails comes back. */
  private void handleMessage(@Nullable Object message, Context context) {
    Object body = message instanceof Map<?, ?> fields ? fields.get("body") : null;
    Optional<Instant> cycle = Continuation.parse(String.valueOf(body));
    if (cycle.isPresent()) {
      run(cycle, context);
    } else {
      LOG.warn("a message asks for no cycle: {}", body);
    }
  }

  private CycleRun run(Optional<Instant> continued, Context context) {
    CycleRun run =
        cycles
            .get()
            .run(continued, () -> context.getRemainingTimeInMillis() < SHORT_OF_TIME.toMillis());
    LOG.info("{}", run.logLine());
    return run;
  }

  private static Map<String, Object> answer(CycleRun run) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("outcome", run.outcome().name());
    run.cycle()
        .ifPresent(cycle -> {
          answer.put("started_at", cycle.startedAt().toString());
          answer.put("cleanup", cycle.isCleanup());
          answer.put("counters", cycle.counters().asMap());
          cycle.listingRefused().ifPresent(why -> answer.put("listing_refused", why));
          if (!cycle.abortedReason().isEmpty()) {
            answer.put("aborted", cycle.abortedReason());
          }
        });
    return answer;
  }

  private Map<String, Object> plan() {
    List<String> steps = new ArrayList<>();
    long[] more = new long[1];
    CycleRun run = cycles.get().plan(step -> add(steps, step, more));
    Map<String, Object> answer = answer(run);
    answer.put("steps", steps);
    answer.put("steps_left_out", more[0]);
    return answer;
  }

  private static void add(List<String> steps, String step, long[] more) {
    if (steps.size() < STEPS_OF_A_PLAN) {
      steps.add(step);
    } else {
      more[0]++;
    }
  }
}
