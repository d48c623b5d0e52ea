package dev.sheaf.peersync;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Lease;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.WantedPacks;
import dev.sheaf.repository.WantedPacks.Wanted;
import dev.sheaf.repository.git.GitArrivals;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.PackCopies;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings git repositories to where peers told that they are: packs from whichever peer has them,
 * then the refs whose objects are here.
 *
 * <p>A pack that was told of and that nobody has any more was folded away where it came from. Then
 * the peers are asked what their packs are now, and those that this site lacks are taken.
 */
final class GitCopies {
  private static final Logger log = LoggerFactory.getLogger(GitCopies.class);

  private static final int MOST_REPOSITORIES = 100;
  private static final int MOST_PACKS = 500;

  /** As long as a runner may live. */
  private static final Duration LEASE = Duration.ofMinutes(5);

  private final Supplier<GitPorts> ports;
  private final int partBytes;

  /**
   * @param ports asked for when there are peers
   * @param partBytes a pack that is larger goes on where its copy was cut
   */
  GitCopies(Supplier<GitPorts> ports, int partBytes) {
    this.ports = ports;
    this.partBytes = partBytes;
  }

  /**
   * What became of packs.
   *
   * @param copied those that are a part of their repository now
   * @param missing those that no peer gave, or that build on such; they are tried again
   * @param waiting refs that are shown as they were
   */
  record Copied(int copied, int missing, int waiting) {
    static final Copied NONE = new Copied(0, 0, 0);

    private Copied plus(Copied other) {
      return new Copied(copied + other.copied, missing + other.missing, waiting + other.waiting);
    }
  }

  /**
   * Copies what is due, one repository after the other, as far as time allows; nothing while
   * another invocation does.
   *
   * @param runner tells this invocation from all others
   */
  Copied copy(List<HttpPeer> peers, String runner, Span span) {
    GitPorts git = ports.get();
    List<Repo> due = new WantedPacks(git.catalog()).repos(git.time().instant(), MOST_REPOSITORIES);
    Lease lease = new Lease(git.catalog(), "copy packs", runner);
    if (due.isEmpty() || !lease.take(git.time().instant(), LEASE)) {
      return Copied.NONE;
    }
    try {
      Copied all = Copied.NONE;
      for (Repo repo : due) {
        all = span.hasRoom() ? all.plus(copy(git, repo, peers, span)) : all;
      }
      return all;
    } finally {
      lease.release();
    }
  }

  private Copied copy(GitPorts git, Repo repo, List<HttpPeer> peers, Span span) {
    try {
      PartialCopies partial = new PartialCopies(git::store, git.temp(), partBytes);
      List<ResumingPeer> sources =
          peers.stream().map(peer -> new ResumingPeer(peer, partial)).toList();
      return span.within(() -> new Turn(git, repo, sources, span).run());
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.SITE) {
        throw e;
      }
      // One repository is in no other's way.
      log.warn("{}/{} is not copied now: {}", repo.owner(), repo.name(), e.getMessage());
      return Copied.NONE;
    }
  }

  /** One repository in one tick. */
  private static final class Turn {
    private final GitPorts git;
    private final Repo repo;
    private final List<ResumingPeer> peers;
    private final Span span;
    private final GitArrivals arrivals;
    private final WantedPacks wanted;
    private final PackCopies copies;

    Turn(GitPorts git, Repo repo, List<ResumingPeer> peers, Span span) {
      this.git = git;
      this.repo = repo;
      this.span = span;
      this.arrivals = new GitArrivals(git);
      this.wanted = new WantedPacks(git.catalog());
      this.copies = new PackCopies(arrivals, repo, git.limits().packBytes(), this::isOver);
      Optional<String> home = GitState.of(git.catalog(), repo.repoId()).home().site();
      this.peers =
          peers.stream()
              .sorted(Comparator.comparing(peer -> !home.equals(Optional.of(peer.host()))))
              .toList();
    }

    Copied run() {
      List<Wanted> told = wanted.due(repo.repoId(), now(), MOST_PACKS);
      List<Wanted> left = copies.take(told, peers);
      List<ContentId> failed =
          left.stream().map(Wanted::pack).filter(copies.tried()::contains).toList();
      wanted.failed(repo.repoId(), failed, now());
      int waiting = arrivals.settle(repo);
      if (isOver()) {
        return new Copied(copies.copied(), 0, waiting);
      }
      if (waiting > 0 && wanted.isListDue(repo.repoId(), now())) {
        waiting = takeWhatPeersHave(waiting);
      }
      if (waiting == 0) {
        wanted.giveUp(repo.repoId(), copies.futile(), now());
      }
      wanted.came(repo.repoId());
      return new Copied(copies.copied(), left.size(), waiting);
    }

    private Instant now() {
      return git.time().instant();
    }

    private boolean isOver() {
      return !span.hasRoom();
    }

    /** What peers have instead of packs that are nowhere; the home is asked first. */
    private int takeWhatPeersHave(int before) {
      int waiting = before;
      for (ResumingPeer peer : peers) {
        if (waiting == 0 || isOver()) {
          return waiting;
        }
        try {
          Set<ContentId> here = arrivals.packs(repo);
          List<Wanted> other = new ArrayList<>();
          for (Wanted pack : peer.packs(repo.repoId())) {
            if (!here.contains(pack.pack())) {
              other.add(pack);
            }
          }
          if (!copies.take(other, List.of(peer)).equals(other)) {
            waiting = arrivals.settle(repo);
          }
        } catch (IOException e) {
          log.warn("{} does not say what packs it has: {}", peer.host(), e.toString());
        }
      }
      if (waiting > 0 && !copies.wasCut()) {
        wanted.listFailed(repo.repoId(), now());
      }
      return waiting;
    }
  }
}
