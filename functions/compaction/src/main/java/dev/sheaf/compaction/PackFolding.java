package dev.sheaf.compaction;

import dev.sheaf.bundle.ContentId;
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
import dev.sheaf.repository.git.OrphanPacks;
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
 * Folds the packs of git repositories and takes away those of nobody, as far as the time allows.
 * The bucket says which of them may have something to do; the catalog is asked about those alone,
 * and about each once in this process until its packs change or something of it is due.
 */
final class PackFolding {
  /** No repository is begun with less time than this. */
  private static final Duration LEAST = Duration.ofSeconds(20);

  /** A fold that failed because of what is stored is not paid for again before. */
  private static final Duration UNTIL_NEXT_TRY = Duration.ofDays(1);

  /** Requests stop this long before the end. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final ObjectStore bucket;
  private final Supplier<Repos> repos;
  private final Supplier<GitFolds> folds;
  private final Supplier<OrphanPacks> orphans;
  private final Duration grace;
  private final FoldLimits limits;
  private final InstantSource clock;
  private final Map<RepoPath, Seen> seen = new HashMap<>();

  /** Repositories that could not be folded as a whole, and until when that is not tried again. */
  private final Map<RepoPath, Instant> unwalkable = new HashMap<>();

  /** A repository in which there was nothing left to do. */
  private record Seen(int keys, Instant next) {}

  /**
   * @param grace how long {@code orphans} leaves a pack alone
   */
  PackFolding(
      ObjectStore bucket,
      Supplier<Repos> repos,
      Supplier<GitFolds> folds,
      Supplier<OrphanPacks> orphans,
      Duration grace,
      FoldLimits limits,
      InstantSource clock) {
    this.bucket = bucket;
    this.repos = repos;
    this.folds = folds;
    this.orphans = orphans;
    this.grace = grace;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * What a run came to.
   *
   * @param outcomes of repositories in which there was something to do
   * @param askedCatalog whether the catalog is awake anyway
   */
  record Run(List<Outcome> outcomes, boolean askedCatalog) {}

  /**
   * What was done in a repository.
   *
   * @param orphans packs of nobody that were deleted
   */
  record Done(GitFolds.Report folds, int orphans) {}

  /**
   * What became of a repository.
   *
   * @param report empty where nothing could be done
   * @param failure also where packs were folded by their sizes, as the whole could not be
   */
  record Outcome(RepoPath repo, Optional<Done> report, Optional<SheafException> failure) {
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("repo", repo.toString());
      report.ifPresent(done -> {
        map.put("folded", done.folds().folded());
        map.put("dropped", done.folds().dropped());
        map.put("discarded", done.folds().discarded());
        map.put("orphans", done.orphans());
        map.put("lost", done.folds().lost());
      });
      failure.ifPresent(e -> map.put("error", String.valueOf(e.getMessage())));
      return map;
    }

    /** One line of JSON; a metric counts Failed, and an alarm watches it. */
    String logLine() {
      JsonObject.Builder line = Json.object();
      line.put("event", "folding");
      line.put("Repo", repo.toString());
      line.put("Folded", report.map(done -> done.folds().folded()).orElse(0));
      line.put("Dropped", report.map(done -> done.folds().dropped()).orElse(0L));
      line.put("Discarded", report.map(done -> done.folds().discarded()).orElse(0));
      line.put("Orphans", report.map(Done::orphans).orElse(0));
      line.put("LostElections", report.filter(done -> done.folds().lost()).isPresent() ? 1 : 0);
      line.put("Failed", failure.isPresent() ? 1 : 0);
      return line.build().toString();
    }
  }

  /** What would be done now, repository by repository, with the reasons. Writes nothing. */
  List<Map<String, Object>> plan() {
    List<Map<String, Object>> plans = new ArrayList<>();
    for (ListedPacks listed : ListedPacks.of(bucket)) {
      if (mayAsk(listed)) {
        find(listed).ifPresent(repo -> plans.add(plan(listed, repo)));
      }
    }
    return plans;
  }

  private Map<String, Object> plan(ListedPacks listed, Repo repo) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("repo", listed.repo().toString());
    try {
      GitFolds.Look look = folds.get().look(repo, mayWalk(listed.repo()));
      map.put("kind", look.plan().kind().name());
      map.put("packs", look.plan().steps().stream().map(PackFolding::step).toList());
      map.put("discard", look.discard().stream().map(Object::toString).toList());
      List<ContentId> over = orphans.get().find(repo, listed.packs()).over();
      map.put("orphans", over.stream().map(Object::toString).toList());
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
  Run run(IntSupplier remainingMillis) {
    List<Outcome> outcomes = new ArrayList<>();
    boolean asked = false;
    List<ListedPacks> all = within(left(remainingMillis), () -> ListedPacks.of(bucket));
    for (ListedPacks listed : all) {
      Duration left = left(remainingMillis);
      if (left.compareTo(LEAST) >= 0 && mayAsk(listed) && isDue(listed)) {
        asked = true;
        outcome(listed, left).ifPresent(outcomes::add);
      }
    }
    return new Run(outcomes, asked);
  }

  private Optional<Outcome> outcome(ListedPacks listed, Duration left) {
    try {
      return within(left, () -> fold(listed));
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.CORRUPT) {
        seen.put(listed.repo(), new Seen(listed.keys(), clock.instant().plus(UNTIL_NEXT_TRY)));
      }
      return Optional.of(new Outcome(listed.repo(), Optional.empty(), Optional.of(e)));
    }
  }

  /** Empty where there was nothing to do, or no such repository any more. */
  private Optional<Outcome> fold(ListedPacks listed) {
    Optional<Repo> repo = find(listed);
    if (repo.isEmpty()) {
      seen.put(listed.repo(), new Seen(listed.keys(), clock.instant().plus(Duration.ofDays(1))));
      return Optional.empty();
    }
    GitFolds.Look look = folds.get().look(repo.get(), mayWalk(listed.repo()));
    OrphanPacks.Found found = orphans.get().find(repo.get(), listed.packs());
    boolean isFolding = look.plan().kind() != FoldPlan.Kind.NOTHING || !look.discard().isEmpty();
    if (!isFolding && found.over().isEmpty()) {
      Instant next = found.next().filter(look.next()::isAfter).orElse(look.next());
      seen.put(listed.repo(), new Seen(listed.keys(), next));
      return Optional.empty();
    }
    int deleted = orphans.get().delete(repo.get(), found.over());
    return Optional.of(carryOut(listed.repo(), repo.get(), look, deleted));
  }

  /** What cannot be walked is folded by sizes, so that its packs stay few. */
  private Outcome carryOut(RepoPath path, Repo repo, GitFolds.Look look, int orphans) {
    Optional<SheafException> failure = Optional.empty();
    GitFolds.Report report;
    try {
      report = folds.get().carryOut(repo, look);
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.CORRUPT || look.plan().kind() != FoldPlan.Kind.FULL) {
        throw e;
      }
      unwalkable.put(path, clock.instant().plus(UNTIL_NEXT_TRY));
      failure = Optional.of(e);
      report = folds.get().carryOut(repo, folds.get().look(repo, false));
    }
    return new Outcome(path, Optional.of(new Done(report, orphans)), failure);
  }

  private boolean mayWalk(RepoPath repo) {
    Instant until = unwalkable.get(repo);
    return until == null || !clock.instant().isBefore(until);
  }

  private Optional<Repo> find(ListedPacks listed) {
    return repos.get().find(listed.repo().owner(), listed.repo().name());
  }

  /** A single pack has nothing to be folded with. */
  private boolean mayAsk(ListedPacks listed) {
    return listed.packs().size() > 1
        || (listed.bytes() >= limits.fullFromBytes() && !listed.hasBitmap())
        || listed.packs().values().stream().anyMatch(this::hasComeOfAge);
  }

  /**
   * Whether a single pack has had its time lately: all that a first push left may be nobody's. Once
   * looked at, it need not be again; not to ask for ever matters more than the one that is missed
   * when nothing runs meanwhile, and that goes when another pack comes.
   */
  private boolean hasComeOfAge(Instant written) {
    Instant over = written.plus(grace);
    return clock.instant().isAfter(over) && clock.instant().isBefore(over.plus(grace));
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
