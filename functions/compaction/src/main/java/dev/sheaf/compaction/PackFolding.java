package dev.sheaf.compaction;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.git.fold.FoldPlan;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Folds the packs of git repositories, as far as the time allows. The bucket says which of them may
 * have something to do; the catalog is asked about those alone, and about each once in this process
 * until its packs change or something of it is due.
 */
final class PackFolding {
  /** No repository is begun with less time than this. */
  private static final Duration LEAST = Duration.ofSeconds(20);

  /** Requests stop this long before the end. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final ObjectStore bucket;
  private final Supplier<Repos> repos;
  private final Supplier<GitFolds> folds;
  private final FoldLimits limits;
  private final InstantSource clock;
  private final Map<RepoPath, Seen> seen = new HashMap<>();

  /** A repository in which there was nothing left to do. */
  private record Seen(int keys, Instant next) {}

  PackFolding(
      ObjectStore bucket,
      Supplier<Repos> repos,
      Supplier<GitFolds> folds,
      FoldLimits limits,
      InstantSource clock) {
    this.bucket = bucket;
    this.repos = repos;
    this.folds = folds;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * What became of a repository.
   *
   * @param report empty where it failed
   */
  record Outcome(
      RepoPath repo, Optional<GitFolds.Report> report, Optional<SheafException> failure) {
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("repo", repo.toString());
      report.ifPresent(done -> {
        map.put("folded", done.folded());
        map.put("dropped", done.dropped());
        map.put("discarded", done.discarded());
        map.put("lost", done.lost());
      });
      failure.ifPresent(e -> map.put("error", String.valueOf(e.getMessage())));
      return map;
    }

    /** One line of JSON; a metric counts Failed, and an alarm watches it. */
    String logLine() {
      JsonObject.Builder line = Json.object();
      line.put("event", "folding");
      line.put("Repo", repo.toString());
      line.put("Folded", report.map(GitFolds.Report::folded).orElse(0));
      line.put("Dropped", report.map(GitFolds.Report::dropped).orElse(0L));
      line.put("Discarded", report.map(GitFolds.Report::discarded).orElse(0));
      line.put("LostElections", report.filter(GitFolds.Report::lost).isPresent() ? 1 : 0);
      line.put("Failed", failure.isPresent() ? 1 : 0);
      return line.build().toString();
    }
  }

  /** What would be done now, repository by repository, with the reasons. Writes nothing. */
  List<Map<String, Object>> plan() {
    List<Map<String, Object>> plans = new ArrayList<>();
    for (ListedPacks listed : ListedPacks.of(bucket)) {
      if (mayAsk(listed)) {
        find(listed).ifPresent(repo -> plans.add(plan(listed.repo(), repo)));
      }
    }
    return plans;
  }

  private Map<String, Object> plan(RepoPath path, Repo repo) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("repo", path.toString());
    try {
      GitFolds.Look look = folds.get().look(repo);
      map.put("kind", look.plan().kind().name());
      map.put("packs", look.plan().steps().stream().map(PackFolding::step).toList());
      map.put("discard", look.discard().stream().map(Object::toString).toList());
    } catch (SheafException e) {
      map.put("error", String.valueOf(e.getMessage()));
    }
    return map;
  }

  private static Map<String, Object> step(FoldPlan.Step step) {
    return Map.of(
        "pack", step.pack().name().hex(),
        "size_bytes", step.pack().packBytes(),
        "action", step.action().name(),
        "reason", step.reason());
  }

  /**
   * Folds what there is to fold.
   *
   * @param remainingMillis the time that is left, asked again before each repository
   */
  List<Outcome> run(IntSupplier remainingMillis) {
    List<Outcome> outcomes = new ArrayList<>();
    List<ListedPacks> all = within(left(remainingMillis), () -> ListedPacks.of(bucket));
    for (ListedPacks listed : all) {
      Duration left = left(remainingMillis);
      if (left.compareTo(LEAST) >= 0 && mayAsk(listed) && isDue(listed)) {
        outcome(listed, left).ifPresent(outcomes::add);
      }
    }
    return outcomes;
  }

  private Optional<Outcome> outcome(ListedPacks listed, Duration left) {
    try {
      return within(left, () -> fold(listed))
          .map(report -> new Outcome(listed.repo(), Optional.of(report), Optional.empty()));
    } catch (SheafException e) {
      return Optional.of(new Outcome(listed.repo(), Optional.empty(), Optional.of(e)));
    }
  }

  /** Empty where there was nothing to do, or no such repository any more. */
  private Optional<GitFolds.Report> fold(ListedPacks listed) {
    Optional<Repo> repo = find(listed);
    if (repo.isEmpty()) {
      seen.put(listed.repo(), new Seen(listed.keys(), clock.instant().plus(Duration.ofDays(1))));
      return Optional.empty();
    }
    GitFolds.Look look = folds.get().look(repo.get());
    if (look.plan().kind() == FoldPlan.Kind.NOTHING && look.discard().isEmpty()) {
      seen.put(listed.repo(), new Seen(listed.keys(), look.next()));
      return Optional.empty();
    }
    return Optional.of(folds.get().carryOut(repo.get(), look));
  }

  private Optional<Repo> find(ListedPacks listed) {
    return repos.get().find(listed.repo().owner(), listed.repo().name());
  }

  /** A single pack has nothing to be folded with. */
  private boolean mayAsk(ListedPacks listed) {
    return listed.packs() > 1 || (listed.bytes() >= limits.fullFromBytes() && !listed.hasBitmap());
  }

  private boolean isDue(ListedPacks listed) {
    Seen last = seen.get(listed.repo());
    return last == null || last.keys() != listed.keys() || !clock.instant().isBefore(last.next());
  }

  private static Duration left(IntSupplier remainingMillis) {
    return Duration.ofMillis(remainingMillis.getAsInt()).minus(MARGIN);
  }

  private <T> T within(Duration left, Callable<T> work) {
    try {
      return new Deadline(clock.instant().plus(left), clock).call(work);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "folding packs failed: " + e, e);
    }
  }
}
