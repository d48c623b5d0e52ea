package dev.sheaf.repair;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one run came to.
 *
 * @param tracker the cycle as it stands; null when there was nothing to run
 * @param before what the cycle had counted when this run began, by name
 */
public record CycleRun(Outcome outcome, @Nullable RepairTracker tracker, Map<String, Long> before) {
  /** How a run ended. */
  public enum Outcome {
    /** The cycle is over. */
    FINISHED,
    /** Its time was up; another invocation has been asked to go on. */
    CONTINUES,
    /** The cycle is over before its end, with a reason. */
    ABORTED,
    /** Somebody else is at it. */
    BUSY,
    /** What it was asked to go on with is over already. */
    NOTHING,
    /** A dry run: nothing was changed. */
    PLANNED
  }

  /** The cycle, where there is one. */
  public Optional<RepairTracker> cycle() {
    return Optional.ofNullable(tracker);
  }

  /** One that found nothing to do. */
  static CycleRun nothing(Outcome outcome) {
    return new CycleRun(outcome, null, Map.of());
  }

  /** In this run: metrics add up the lines of all runs of a cycle. */
  private long count(Counter counter) {
    long sum = cycle().map(cycle -> cycle.counters().get(counter)).orElse(0L);
    return sum - before.getOrDefault(counter.label(), 0L);
  }

  /** Things that this run brought back. */
  public long restored() {
    return count(Counter.REMADE_FROM_BUNDLE)
        + count(Counter.PULL_MINE_SUCCESS)
        + count(Counter.GIT_PACKS_REPLACED);
  }

  /**
   * One line of JSON: metrics count its numbers, which are this run's, and alarms watch them. Its
   * {@code cycle} is the sum of all runs.
   */
  public String logLine() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("event", "repair");
    line.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
    line.put("Finished", outcome == Outcome.FINISHED ? 1 : 0);
    line.put("Restored", restored());
    line.put("LossDeclared", count(Counter.LOST_DECLARED));
    line.put("IndexRefused", count(Counter.PRESENCE_INDEX_BUILD_FAIL));
    cycle().ifPresent(cycle -> line.set("cycle", cycle.toJson()));
    return line.toString();
  }
}
