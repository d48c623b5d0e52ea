package dev.sheaf.compaction;

import dev.sheaf.repository.history.UnnamedObjects;
import dev.sheaf.repository.history.UnnamedObjects.Done;
import dev.sheaf.repository.history.UnnamedObjects.Step;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Lets go of objects that no repository names. Costs one statement where there are none, and is
 * done when the catalog is awake anyway, or a day after this process did it last.
 */
final class ObjectSweep {
  private static final Duration EVERY = Duration.ofDays(1);

  /** More than deletions may take under their locks. */
  private static final int LEAST_MILLIS = 90_000;

  private final Supplier<UnnamedObjects> objects;
  private final CatalogTurn turn;

  ObjectSweep(Supplier<UnnamedObjects> objects, InstantSource clock) {
    this.objects = objects;
    this.turn = new CatalogTurn(EVERY, clock);
  }

  /** What there is to do now, some at most, with the reasons. Changes nothing. */
  List<Map<String, Object>> plan() {
    return objects.get().plan().stream().map(ObjectSweep::toMap).toList();
  }

  private static Map<String, Object> toMap(Step step) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("object", step.id().hex());
    map.put("bytes", step.sizeBytes());
    map.put("action", step.action().name());
    map.put("reason", step.reason());
    return map;
  }

  /** What was done, as a part of an answer. */
  static Map<String, Object> toMap(Done done) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("looked_at", done.looked());
    map.put("marked", done.marked());
    map.put("deleted", done.deleted());
    map.put("bytes", done.bytes());
    return map;
  }

  /**
   * Marks and deletes, as far as the time allows; the rest with the next run.
   *
   * @param isCatalogAwake whether somebody has just asked it something else
   * @param remainingMillis the time that is left, asked again before each page
   */
  Done run(boolean isCatalogAwake, IntSupplier remainingMillis) {
    if (!turn.hasCome(isCatalogAwake)) {
      return Done.NOTHING;
    }
    Done all = Done.NOTHING;
    while (remainingMillis.getAsInt() > LEAST_MILLIS) {
      Done page = objects.get().carryOut(objects.get().plan());
      all = all.and(page);
      if (page.looked() == 0) {
        turn.comesAgainIn(EVERY);
        return all;
      }
    }
    turn.comesAgainIn(Duration.ZERO);
    return all;
  }
}
