package dev.sheaf.compaction;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.merge.MergePlan;
import dev.sheaf.repository.merge.Merges;
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
 * Merges the bundles of muse repositories, as far as the time allows. Costs one statement where
 * there is nothing to do, and is done when the catalog is awake anyway, or a day after this process
 * did it last.
 */
final class BundleMerging {
  private static final Duration EVERY = Duration.ofDays(1);

  /** No repository is begun with less time than this. */
  private static final int LEAST_MILLIS = 120_000;

  private final Supplier<Merges> merges;
  private final CatalogTurn turn;

  BundleMerging(Supplier<Merges> merges, InstantSource clock) {
    this.merges = merges;
    this.turn = new CatalogTurn(EVERY, clock);
  }

  /**
   * What became of a repository.
   *
   * @param report empty where it failed
   */
  record Outcome(Repo repo, Optional<Merges.Report> report, Optional<SheafException> failure) {
    String place() {
      return repo.owner() + "/" + repo.name();
    }

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("repo", place());
      report.ifPresent(done -> {
        map.put("merged", done.merged());
        map.put("discarded", done.discarded());
        map.put("lost", done.isLost());
      });
      failure.ifPresent(e -> map.put("error", String.valueOf(e.getMessage())));
      return map;
    }
  }

  /** What would be merged now, by repository. Changes nothing. */
  List<Map<String, Object>> plan() {
    return merges.get().candidates().stream().map(this::plan).toList();
  }

  private Map<String, Object> plan(Repo repo) {
    MergePlan plan = merges.get().plan(repo);
    return Map.of(
        "repo",
        repo.owner() + "/" + repo.name(),
        "merge",
        plan.groups().stream()
            .map(group -> group.stream().map(item -> item.id().hex()).toList())
            .toList());
  }

  /**
   * Merges what there is to merge.
   *
   * @param isCatalogAwake whether somebody has just asked it something else
   * @param remainingMillis the time that is left, asked again before each repository
   */
  List<Outcome> run(boolean isCatalogAwake, IntSupplier remainingMillis) {
    if (!turn.hasCome(isCatalogAwake)) {
      return List.of();
    }
    turn.comesAgainIn(EVERY);
    List<Outcome> outcomes = new ArrayList<>();
    for (Repo repo : merges.get().candidates()) {
      if (remainingMillis.getAsInt() > LEAST_MILLIS) {
        outcomes.add(merge(repo));
      }
    }
    return outcomes;
  }

  private Outcome merge(Repo repo) {
    try {
      Merges.Report report = merges.get().carryOut(repo, merges.get().plan(repo));
      return new Outcome(repo, Optional.of(report), Optional.empty());
    } catch (SheafException e) {
      return new Outcome(repo, Optional.empty(), Optional.of(e));
    }
  }
}
