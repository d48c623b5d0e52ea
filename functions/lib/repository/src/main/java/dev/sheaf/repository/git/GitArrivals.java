package dev.sheaf.repository.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.PackIntake;
import dev.sheaf.git.ReceivedPack;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;

/**
 * Takes in what peers told of a git repository: packs by the proofs that a push must pass, then
 * refs.
 *
 * <p>A pack becomes part of the repository when all that its objects name is in it or in packs that
 * are part of it already. So the packs of a repository are whole at any time, and a ref can be
 * shown as soon as the one object that it points to is here; until then it is shown as it was.
 */
public final class GitArrivals {
  private final GitPorts ports;
  private final GitManifests manifests;
  private final Set<ContentId> gone;
  private final Set<ContentId> taken = new HashSet<>();

  public GitArrivals(GitPorts ports) {
    this(ports, Set.of());
  }

  /**
   * The same for a repository of which packs are not in the bucket any more.
   *
   * @param gone packs that nothing can be read from; see {@link #replace}
   */
  public GitArrivals(GitPorts ports, Set<ContentId> gone) {
    this.ports = ports;
    this.manifests = new GitManifests(ports.catalog(), ports.store());
    this.gone = gone;
  }

  /** The packs that are part of the repository. */
  public Set<ContentId> packs(Repo repo) {
    return new GitPacks(ports.catalog(), repo.repoId())
        .live().stream().map(GitPacks.Live::pack).collect(Collectors.toSet());
  }

  /**
   * Takes in a pack. Its index is made anew.
   *
   * @param name the SHA-256 that its bytes are said to have
   * @param wire not closed
   * @return whether it is part of the repository now; not while something that it builds on is not
   * @throws SheafException of kind INVALID when these are other bytes or no sound pack, TOO_LARGE
   *     when this function cannot hold it, UNAVAILABLE when the stream or the store failed
   */
  public boolean take(Repo repo, ContentId name, InputStream wire) {
    GitState state = GitState.of(ports.catalog(), repo.repoId()).requireGit();
    DfsRepository base = ports.storage().open(path(repo), stored(repo));
    try (ReceivedPack pack = new PackIntake(ports.temp(), ports.limits()).receive(wire, base)) {
      if (pack.objects() == 0 || !pack.name().equals(name)) {
        throw new SheafException(
            ErrorKind.INVALID, "what was given for pack " + name.hex() + " has other bytes");
      }
      if (!pack.missing(base, List.of()).isEmpty()) {
        return false;
      }
      boolean isOurs = pack.store(ports.store(), path(repo), false);
      ports
          .catalog()
          .transaction(transaction -> {
            add(transaction, repo, state, pack, isOurs);
            return null;
          });
      taken.add(name);
      return true;
    }
  }

  private List<StoredPack> stored(Repo repo) {
    return new GitPacks(ports.catalog(), repo.repoId())
        .live().stream().filter(pack -> !gone.contains(pack.pack())).map(GitFolds::stored).toList();
  }

  private void add(
      Catalog transaction, Repo repo, GitState looked, ReceivedPack pack, boolean isOurs) {
    GitState state = GitState.lock(transaction, repo.repoId());
    if (state.epoch() != looked.epoch()) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "the repository was folded meanwhile; try again at once");
    }
    GitPacks table = new GitPacks(transaction, repo.repoId());
    if (table.isLive(pack.name())) {
      return;
    }
    if (!isOurs) {
      // Whoever put it may be about to delete it.
      pack.store(ports.store(), path(repo), true);
    }
    StoredPack stored = pack.stored();
    table.arrived(
        new GitPacks.Live(
            stored.name(),
            state.sequence() + 1,
            stored.packBytes(),
            stored.indexBytes(),
            0,
            stored.objects(),
            GitPacks.Origin.PEER),
        ports.time().instant());
    new FoldRows(transaction, repo.repoId()).count(false);
  }

  /**
   * Shows the refs whose objects are here now, and writes the manifest if something has changed.
   *
   * @return how many refs are still shown as they were
   */
  public int settle(Repo repo) {
    List<AwaitedRefs.Awaited> awaited = new AwaitedRefs(ports.catalog(), repo.repoId()).all();
    int left = awaited.size();
    if (!awaited.isEmpty()) {
      Judge judge = GitIntake.judge(ports, repo);
      List<AwaitedRefs.Whole> whole = whole(awaited, judge);
      if (!whole.isEmpty()) {
        ports
            .catalog()
            .transaction(transaction -> {
              judge.requireStillThere(GitState.lock(transaction, repo.repoId()));
              new AwaitedRefs(transaction, repo.repoId()).show(whole);
              new FoldRows(transaction, repo.repoId()).count(false);
              return null;
            });
      }
      left -= whole.size();
    }
    manifests.catchUp(repo);
    return left;
  }

  /**
   * Goes without packs that are gone, where all that refs lead to is in the others. What no ref led
   * to and was in them alone is dropped, as by a fold.
   *
   * @param lost those of them that are part of the repository
   * @param isOver asked now and then
   * @return whether they are no part of the repository any more
   * @throws SheafException of kind UNAVAILABLE when time does not suffice to see it, or others
   *     changed the repository meanwhile
   */
  public boolean replace(Repo repo, Set<ContentId> lost, BooleanSupplier isOver) {
    GitSnapshot seen =
        ports
            .catalog()
            .transaction(transaction -> {
              GitState state = GitState.lock(transaction, repo.repoId());
              return GitSnapshot.read(transaction, repo.repoId(), state);
            });
    List<StoredPack> left =
        seen.packs().stream()
            .filter(pack -> !gone.contains(pack.pack()))
            .map(GitFolds::stored)
            .toList();
    if (!isWhole(ports.storage().open(path(repo), left), left, GitFolds.tips(seen), isOver)) {
      return false;
    }
    ports
        .catalog()
        .transaction(transaction -> {
          if (GitState.lock(transaction, repo.repoId()).sequence() != seen.state().sequence()) {
            throw new SheafException(
                ErrorKind.UNAVAILABLE, "the repository was changed meanwhile; try again");
          }
          FoldRows rows = new FoldRows(transaction, repo.repoId());
          rows.retire(lost, ports.time().instant());
          rows.count(true);
          return null;
        });
    manifests.catchUp(repo);
    return true;
  }

  /** What is in packs that were taken just now leads to nothing that is not here. */
  private boolean isWhole(
      DfsRepository repository,
      List<StoredPack> packs,
      List<ObjectId> tips,
      BooleanSupplier isOver) {
    if (packs.stream().allMatch(pack -> taken.contains(pack.name()))) {
      return isHere(repository, tips);
    }
    return new Connected(isOver).from(repository, tips);
  }

  private static boolean isHere(DfsRepository repository, List<ObjectId> ids) {
    try (ObjectReader reader = repository.newObjectReader()) {
      for (ObjectId id : ids) {
        if (!reader.has(id)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "a pack cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<AwaitedRefs.Whole> whole(List<AwaitedRefs.Awaited> awaited, Judge judge) {
    List<ObjectId> targets = new ArrayList<>();
    for (AwaitedRefs.Awaited ref : awaited) {
      ObjectId target = ref.target();
      if (target != null) {
        targets.add(target);
      }
    }
    judge.look(targets);
    Judgement judgement = judge.judgement(null);
    List<AwaitedRefs.Whole> whole = new ArrayList<>();
    for (AwaitedRefs.Awaited ref : awaited) {
      ObjectId target = ref.target();
      Judgement.Facts facts = target == null ? null : judgement.facts().get(target);
      if (target == null) {
        whole.add(new AwaitedRefs.Whole(ref, null));
      } else if (facts != null && (facts.isCommit() || !ref.isOfCommits())) {
        whole.add(new AwaitedRefs.Whole(ref, facts.peeled()));
      }
    }
    return whole;
  }

  private static RepoPath path(Repo repo) {
    return new RepoPath(repo.owner(), repo.name());
  }
}
