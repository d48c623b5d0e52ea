package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.BundleHeader;
import dev.sheaf.git.MissingObjectsException;
import dev.sheaf.git.PackIntake;
import dev.sheaf.git.ReceivedPack;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.GitTelling;
import dev.sheaf.repository.LostHomes;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.BuildsOnException;
import dev.sheaf.storage.catalog.Catalog;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;

/**
 * A git bundle that was read to its end and proven, on its way into a repository. Its pack lies in
 * temp space until this is closed. Nothing of it can be read before a transaction has called {@link
 * #add}.
 */
final class GitIntake implements AutoCloseable {
  private final GitPorts ports;
  private final Repo repo;
  private final BundleHeader header;
  private final ReceivedPack pack;
  private final List<GitPacks.Live> packs;
  private final Judge judge;
  private boolean isOurs;

  private GitIntake(
      GitPorts ports,
      Repo repo,
      BundleHeader header,
      ReceivedPack pack,
      List<GitPacks.Live> packs,
      Judge judge) {
    this.ports = ports;
    this.repo = repo;
    this.header = header;
    this.pack = pack;
    this.packs = packs;
    this.judge = judge;
  }

  /**
   * Reads a bundle.
   *
   * @param wire its bytes; not closed
   * @throws BuildsOnException when a prerequisite is not in the repository
   * @throws SheafException of kind INVALID or TOO_LARGE when the bundle is at fault
   */
  static GitIntake read(GitPorts ports, Repo repo, InputStream wire) throws IOException {
    InputStream in = new BufferedInputStream(wire, 1 << 16);
    BundleHeader header = BundleHeader.read(in);
    GitState state = GitState.of(ports.catalog(), repo.repoId()).requireGit();
    if (state.isLost()) { // what it builds on may be in the bucket alone
      throw LostHomes.refusal(repo.path());
    }
    List<GitPacks.Live> packs = new GitPacks(ports.catalog(), repo.repoId()).live();
    DfsRepository base = ports.storage().open(path(repo), stored(packs));
    requireThere(new Judge(base, state), header.prerequisites());
    ReceivedPack pack = new PackIntake(ports.temp(), ports.limits()).receive(in, base);
    try {
      List<String> missing = pack.missing(base, List.of());
      if (!missing.isEmpty()) {
        throw new MissingObjectsException(missing);
      }
      Judge judge = new Judge(ports.storage().open(path(repo), stored(packs), pack), state);
      return new GitIntake(ports, repo, header, pack, packs, judge);
    } catch (RuntimeException e) {
      pack.close();
      throw e;
    }
  }

  /** Looks at what is in a repository, without a bundle. */
  static Judge judge(GitPorts ports, Repo repo) {
    GitState state = GitState.of(ports.catalog(), repo.repoId()).requireGit();
    List<GitPacks.Live> packs = new GitPacks(ports.catalog(), repo.repoId()).live();
    return new Judge(ports.storage().open(path(repo), stored(packs)), state);
  }

  /**
   * Checks that what a bundle builds on is in the repository.
   *
   * @throws BuildsOnException naming what is not
   */
  static void requireThere(Judge base, List<ObjectId> prerequisites) {
    ObjectId missing = base.firstMissing(prerequisites);
    if (missing != null) {
      throw new BuildsOnException(missing, base.state().sequence());
    }
  }

  private static List<StoredPack> stored(List<GitPacks.Live> packs) {
    return packs.stream()
        .map(live ->
            new StoredPack(
                live.pack(),
                live.sizeBytes(),
                live.indexBytes(),
                live.objects(),
                live.bitmapBytes()))
        .toList();
  }

  private static RepoPath path(Repo repo) {
    return new RepoPath(repo.owner(), repo.name());
  }

  /** What the bundle itself asks for: its refs, by fast-forward. */
  RefsRequest own() {
    return own(header);
  }

  /**
   * What the bundle itself asks for, where nobody has said what is to become of it.
   *
   * @throws SheafException of kind INVALID where that is nothing: HEAD alone, and there is one
   */
  RefsRequest ownAlone() {
    ObjectId head = header.head();
    GitHead present = judge.state().head();
    if (header.refs().isEmpty()
        && head != null
        && present != null
        && !present.equals(new GitHead.Detached(head))) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the bundle names no ref but HEAD, and nothing of it is kept; 'git bundle create FILE"
              + " --all' names all refs");
    }
    return own();
  }

  private static RefsRequest own(BundleHeader header) {
    List<RefUpdate> updates = new ArrayList<>();
    header.refs().forEach(ref -> updates.add(RefUpdate.forward(ref.name(), ref.target())));
    return new RefsRequest(updates, null, head(header).orElse(null), false);
  }

  /** What a client asks for; nothing stands for what the bundle itself asks for. */
  RefsRequest asked(RefsRequest request) {
    return request.updates().isEmpty() && request.head() == null
        ? ownAlone()
        : asked(header, request);
  }

  static RefsRequest asked(BundleHeader header, RefsRequest request) {
    return request.updates().isEmpty() && request.head() == null
        ? own(header)
        : request.withFirstHead(head(header).orElse(null));
  }

  /**
   * What HEAD of the repository that a bundle was made from may have been: the bundle tells only
   * where it pointed.
   */
  private static Optional<GitHead> head(BundleHeader header) {
    ObjectId head = header.head();
    if (head == null) {
      return Optional.empty();
    }
    List<RefName> there =
        header.refs().stream()
            .filter(ref -> ref.name().isBranch() && ref.target().equals(head))
            .map(BundleHeader.Ref::name)
            .sorted()
            .toList();
    for (String likely : List.of("main", "master")) {
      if (there.contains(RefName.ofBranch(likely))) {
        return Optional.of(new GitHead.Symbolic(RefName.ofBranch(likely)));
      }
    }
    return Optional.of(
        there.isEmpty() ? new GitHead.Detached(head) : new GitHead.Symbolic(there.getFirst()));
  }

  Judge judge() {
    return judge;
  }

  ReceivedPack pack() {
    return pack;
  }

  /**
   * Puts the pack into the store, where nothing names it yet. If nothing comes of the push, it
   * stays there until {@link OrphanPacks} finds it.
   */
  void store() {
    if (pack.objects() > 0) {
      isOurs = pack.store(ports.store(), path(repo), false);
    }
  }

  /**
   * Makes sure that the pack is in the store before {@link #add}; under the repository's lock. A
   * pack of which anything was in the store before, and that the repository does not have, is put
   * again: it may be about to be deleted as nobody's.
   */
  void ensureStored(Catalog transaction) {
    if (pack.objects() > 0
        && !isOurs
        && !new GitPacks(transaction, repo.repoId()).isLive(pack.name())) {
      pack.store(ports.store(), path(repo), true);
      isOurs = true;
    }
  }

  /**
   * Makes the pack part of the repository; under its lock, after {@link #ensureStored}.
   *
   * @param after where the repository stands with it
   * @return the packs that the repository has now
   */
  List<GitPacks.Live> add(Catalog transaction, GitState after, GitTelling telling) {
    GitPacks table = new GitPacks(transaction, repo.repoId());
    List<GitPacks.Live> all = new ArrayList<>(packs);
    // One that is not ours is part of the repository already.
    if (pack.objects() > 0 && isOurs) {
      GitPacks.Live added = live(after.sequence());
      table.add(added, telling);
      all.add(added);
    }
    // Only this change has come since the packs were listed.
    return after.sequence() == judge.state().sequence() + 1 ? all : table.live();
  }

  private GitPacks.Live live(long sequence) {
    StoredPack stored = pack.stored();
    return new GitPacks.Live(
        stored.name(),
        sequence,
        stored.packBytes(),
        stored.indexBytes(),
        stored.bitmapBytes(),
        stored.objects(),
        GitPacks.Origin.PUSH);
  }

  @Override
  public void close() {
    pack.close();
  }
}
