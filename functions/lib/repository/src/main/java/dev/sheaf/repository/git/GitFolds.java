package dev.sheaf.repository.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitKeys.Part;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.SpooledPack;
import dev.sheaf.git.StoredPack;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.git.fold.FoldPlan;
import dev.sheaf.git.fold.Folded;
import dev.sheaf.git.fold.Folder;
import dev.sheaf.git.fold.PackFacts;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Folds the packs of git repositories, and takes away what folds have replaced.
 *
 * <p>A fold notes what it is about to put (a retired row), puts it, and exchanges the packs in one
 * transaction under the repository's lock, if all that it folded are part of the repository still.
 * A fold that drops objects does so only where nothing has changed since it looked: a push may have
 * come to rely on them. Whatever ends early leaves retired rows, whose packs are taken away like
 * those that were folded: when nobody who began before can be reading them any more.
 *
 * <p>Where the bucket's manifest tells of a later change than the catalog, nothing is folded and
 * nothing taken away: a catalog that was set back would call packs retired that are in use.
 */
public final class GitFolds {
  private static final int KEYS_AT_A_TIME = 300;

  private final GitPorts ports;
  private final FoldLimits limits;
  private final Duration grace;
  private final Folder folder;
  private final GitManifests manifests;

  /**
   * @param grace how long a pack that was folded can still be read: longer than any clone takes
   */
  public GitFolds(GitPorts ports, FoldLimits limits, Duration grace) {
    this.ports = ports;
    this.limits = limits;
    this.grace = grace;
    this.folder = new Folder(ports.storage(), ports.temp());
    this.manifests = new GitManifests(ports.catalog(), ports.store());
  }

  /**
   * What is to be done in a repository.
   *
   * @param tips what refs and HEAD point to
   * @param discard retired packs whose time is over
   * @param next when something will be due at the latest, if nothing changes before
   */
  public record Look(
      GitState state, FoldPlan plan, List<ObjectId> tips, List<ContentId> discard, Instant next) {}

  /**
   * What was done.
   *
   * @param folded number of packs that were replaced; 0 also when somebody else was first
   * @param dropped number of objects that are in no pack any more
   * @param discarded number of packs that were taken away
   * @param lost whether others had changed the packs meanwhile
   */
  public record Report(int folded, long dropped, int discarded, boolean lost) {}

  /**
   * Looks at a repository; changes nothing.
   *
   * @throws SheafException of kind CORRUPT when the catalog is behind the bucket
   */
  public Look look(Repo repo) {
    return look(repo, true);
  }

  /**
   * The same.
   *
   * @param mayWalk whether a full fold may be planned: one that failed would fail again
   */
  public Look look(Repo repo, boolean mayWalk) {
    Instant now = ports.time().instant();
    GitSnapshot snapshot =
        ports
            .catalog()
            .transaction(transaction -> {
              GitState state = GitState.lock(transaction, repo.repoId());
              return GitSnapshot.read(transaction, repo.repoId(), state);
            });
    manifests.requireFollowed(repo, snapshot.state());
    FoldRows rows = new FoldRows(ports.catalog(), repo.repoId());
    List<PackFacts> facts = facts(snapshot, rows.since(), now);
    FoldPlan plan = mayWalk ? FoldPlan.of(facts, limits, now) : FoldPlan.withoutWalk(facts, limits);
    List<FoldRows.Since> retired = rows.retired();
    List<ContentId> over =
        retired.stream()
            .filter(pack -> pack.since().isBefore(now.minus(grace)))
            .map(FoldRows.Since::pack)
            .toList();
    return new Look(snapshot.state(), plan, tips(snapshot), over, next(plan, retired, now));
  }

  private static List<PackFacts> facts(
      GitSnapshot snapshot, List<FoldRows.Since> since, Instant now) {
    Map<ContentId, Instant> created = new HashMap<>();
    since.forEach(pack -> created.put(pack.pack(), pack.since()));
    return snapshot.packs().stream()
        .map(pack ->
            new PackFacts(stored(pack), !pack.isReached(), created.getOrDefault(pack.pack(), now)))
        .toList();
  }

  static StoredPack stored(GitPacks.Live pack) {
    return new StoredPack(
        pack.pack(), pack.sizeBytes(), pack.indexBytes(), pack.objects(), pack.bitmapBytes());
  }

  static List<ObjectId> tips(GitSnapshot snapshot) {
    List<ObjectId> tips = new ArrayList<>(snapshot.refs().stream().map(GitRef::target).toList());
    if (snapshot.state().head() instanceof GitHead.Detached(ObjectId commit)) {
      tips.add(commit);
    }
    return tips;
  }

  private Instant next(FoldPlan plan, List<FoldRows.Since> retired, Instant now) {
    Instant next = now.plus(limits.unreachableFor());
    for (FoldRows.Since pack : retired) {
      next = earlier(next, pack.since().plus(grace));
    }
    for (FoldPlan.Step step : plan.steps()) {
      if (step.facts().isUnreachable()) {
        next = earlier(next, step.facts().since().plus(limits.unreachableFor()));
      }
    }
    return next;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /** Does what a look has found to do; two at once do no harm. */
  public Report carryOut(Repo repo, Look look) {
    int discarded = discard(repo, look.discard());
    if (look.plan().kind() == FoldPlan.Kind.NOTHING) {
      return new Report(0, 0, discarded, false);
    }
    try (Folded folded = folder.fold(path(repo), look.plan(), look.tips())) {
      boolean swapped = swap(repo, look, folded);
      return swapped
          ? new Report(look.plan().folded().size(), folded.dropped(), discarded, false)
          : new Report(0, 0, discarded, true);
    }
  }

  private boolean swap(Repo repo, Look look, Folded folded) {
    List<FoldRows.Made> made = new ArrayList<>();
    folded.pack().ifPresent(pack -> made.add(made(pack, false)));
    folded.unreachable().ifPresent(pack -> made.add(made(pack, true)));
    intend(repo, look, made);
    Set<ContentId> written = new HashSet<>();
    Stream.of(folded.pack(), folded.unreachable())
        .flatMap(Optional::stream)
        .filter(pack -> pack.store(ports.store(), path(repo), false))
        .forEach(pack -> written.add(pack.stored().name()));
    Optional<GitSnapshot> after =
        ports
            .catalog()
            .transaction(
                transaction -> exchange(transaction, repo, look, made, written, folded.dropped()));
    after.ifPresent(snapshot -> manifests.write(repo, snapshot));
    return after.isPresent();
  }

  private void intend(Repo repo, Look look, List<FoldRows.Made> made) {
    ports
        .catalog()
        .transaction(transaction -> {
          GitState.lock(transaction, repo.repoId());
          FoldRows rows = new FoldRows(transaction, repo.repoId());
          made.forEach(pack -> rows.intend(pack, look.state().sequence(), ports.time().instant()));
          return null;
        });
  }

  /**
   * Empty when others were first, and nothing was changed.
   *
   * @param written those of the packs that were put here, with all that is derived from them
   */
  private Optional<GitSnapshot> exchange(
      Catalog transaction,
      Repo repo,
      Look look,
      List<FoldRows.Made> folds,
      Set<ContentId> written,
      long dropped) {
    GitState state = GitState.lock(transaction, repo.repoId());
    if (!mayExchange(transaction, repo, look, state, dropped)) {
      return Optional.empty();
    }
    List<FoldRows.Made> made = new ArrayList<>();
    for (FoldRows.Made pack : folds) {
      Optional<FoldRows.Etags> there = there(repo, pack);
      if (there.isEmpty()) {
        return Optional.empty();
      }
      made.add(written.contains(pack.pack()) ? pack.with(there.get()) : pack);
    }
    Instant now = ports.time().instant();
    FoldRows rows = new FoldRows(transaction, repo.repoId());
    Set<ContentId> gone = new HashSet<>();
    look.plan().folded().forEach(pack -> gone.add(pack.name()));
    made.forEach(pack -> gone.remove(pack.pack()));
    rows.retire(gone, now);
    made.forEach(pack -> rows.add(pack, state.sequence() + 1, now));
    rows.count(dropped > 0);
    return Optional.of(
        GitSnapshot.read(transaction, repo.repoId(), GitState.of(transaction, repo.repoId())));
  }

  private boolean mayExchange(
      Catalog transaction, Repo repo, Look look, GitState state, long dropped) {
    Set<ContentId> live = new HashSet<>();
    new GitPacks(transaction, repo.repoId()).live().forEach(pack -> live.add(pack.pack()));
    boolean allLive = look.plan().folded().stream().allMatch(pack -> live.contains(pack.name()));
    return allLive && (dropped == 0 || state.sequence() == look.state().sequence());
  }

  /** Whatever became of them meanwhile: what they replace goes because of them. */
  private Optional<FoldRows.Etags> there(Repo repo, FoldRows.Made pack) {
    Optional<String> file = etag(repo, pack.pack(), Part.PACK);
    Optional<String> index = etag(repo, pack.pack(), Part.INDEX);
    Optional<String> bitmap =
        pack.bitmapBytes() == 0 ? Optional.empty() : etag(repo, pack.pack(), Part.BITMAP);
    boolean isWhole =
        file.isPresent() && index.isPresent() && (pack.bitmapBytes() == 0 || bitmap.isPresent());
    return isWhole
        ? Optional.of(new FoldRows.Etags(file.get(), index.get(), bitmap.orElse(null)))
        : Optional.empty();
  }

  private Optional<String> etag(Repo repo, ContentId pack, Part part) {
    return ports
        .store()
        .head(GitKeys.key(path(repo), pack, part))
        .map(ObjectStore.StoredObject::etag);
  }

  private static FoldRows.Made made(SpooledPack pack, boolean unreachable) {
    StoredPack stored = pack.stored();
    return new FoldRows.Made(
        stored.name(),
        stored.packBytes(),
        stored.indexBytes(),
        stored.bitmapBytes(),
        stored.objects(),
        unreachable);
  }

  /**
   * Takes retired packs away: out of the bucket, then out of the catalog, under the lock, for a
   * push of the same bytes makes one part of the repository again.
   */
  private int discard(Repo repo, List<ContentId> packs) {
    int discarded = 0;
    for (int from = 0; from < packs.size(); from += KEYS_AT_A_TIME) {
      List<ContentId> some = packs.subList(from, Math.min(packs.size(), from + KEYS_AT_A_TIME));
      discarded += ports.catalog().transaction(transaction -> discard(transaction, repo, some));
    }
    return discarded;
  }

  private int discard(Catalog transaction, Repo repo, List<ContentId> packs) {
    GitState.lock(transaction, repo.repoId());
    FoldRows rows = new FoldRows(transaction, repo.repoId());
    List<ContentId> over = rows.stillRetired(packs, ports.time().instant().minus(grace));
    List<String> keys = new ArrayList<>();
    for (ContentId pack : over) {
      for (Part part : Part.values()) {
        keys.add(GitKeys.key(path(repo), pack, part));
      }
    }
    Map<String, String> refused = ports.store().delete(keys);
    if (!refused.isEmpty()) {
      throw new SheafException(
          ErrorKind.SITE, "retired packs cannot be deleted from the bucket: " + refused);
    }
    rows.forget(over);
    return over.size();
  }

  private static RepoPath path(Repo repo) {
    return new RepoPath(repo.owner(), repo.name());
  }
}
