package dev.sheaf.compaction;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Purges;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Takes deleted repositories away when their time is over. Costs one statement where there are
 * none, and is done when the catalog is awake anyway, or a day after this process did it last.
 */
final class RepositoryPurge {
  private static final Duration EVERY = Duration.ofDays(1);

  /** Between the pass that takes away and the one that finds nothing more. */
  private static final Duration NEXT_PASS = Duration.ofHours(1).plusMinutes(1);

  /** No repository is begun with less time than this. */
  private static final int LEAST_MILLIS = 30_000;

  private final Supplier<Purges> purges;
  private final InstantSource clock;
  private final CatalogTurn turn;

  RepositoryPurge(Supplier<Purges> purges, InstantSource clock) {
    this.purges = purges;
    this.clock = clock;
    this.turn = new CatalogTurn(EVERY, clock);
  }

  /**
   * What became of a deleted repository.
   *
   * @param failure why it stays; empty when it need not
   */
  record Outcome(Purges.Step step, Purges.Done done, Optional<SheafException> failure) {
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("repo", step.place());
      map.put("repo_id", step.repoId());
      map.put("rows", done.rows());
      map.put("keys", done.keys());
      map.put("bytes", done.bytes());
      map.put("freed", done.isFreed());
      failure.ifPresent(e -> map.put("error", String.valueOf(e.getMessage())));
      return map;
    }
  }

  /** What there is to do now, with the reasons. Changes nothing. */
  List<Map<String, Object>> plan() {
    return purges.get().plan(clock.instant()).stream().map(RepositoryPurge::toMap).toList();
  }

  private static Map<String, Object> toMap(Purges.Step step) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("repo", step.place());
    map.put("repo_id", step.repoId());
    map.put("deleted_at", String.valueOf(step.deletion().deletedAt()));
    map.put("action", step.action().name());
    map.put("reason", step.reason());
    return map;
  }

  /**
   * Takes away what is to be taken away, as far as the time allows; the rest with the next run.
   *
   * @param isCatalogAwake whether somebody has just asked it something else
   * @param remainingMillis the time that is left, asked again before each repository
   */
  List<Outcome> run(boolean isCatalogAwake, IntSupplier remainingMillis) {
    if (!turn.hasCome(isCatalogAwake)) {
      return List.of();
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Purges.Step step : purges.get().plan(clock.instant())) {
      if (step.action() != Purges.Action.KEEP && remainingMillis.getAsInt() > LEAST_MILLIS) {
        outcomes.add(carryOut(step));
      }
    }
    turn.comesAgainIn(outcomes.isEmpty() ? EVERY : NEXT_PASS);
    return outcomes;
  }

  private Outcome carryOut(Purges.Step step) {
    try {
      return new Outcome(step, purges.get().carryOut(step, clock.instant()), Optional.empty());
    } catch (SheafException e) {
      return new Outcome(step, Purges.Done.NOTHING, Optional.of(e));
    }
  }
}
