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
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
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

  /**
   * @param ports asked for when there are peers
   */
  GitCopies(Supplier<GitPorts> ports) {
    this.ports = ports;
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

  private static Copied copy(GitPorts git, Repo repo, List<HttpPeer> peers, Span span) {
    try {
      return span.within(() -> new Turn(git, repo, peers, span).run());
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.SITE) {
        throw e;
      }
      // One repository is in no other's way.
      log.warn("{}/{} is not copied now: {}", repo.owner(), repo.name(), e.getMessage());
      return Copied.NONE;
    }
  }

  /** What became of one pack. */
  private enum Fate {
    HERE,
    /** What it builds on is not here. */
    TOO_EARLY,
    /** Every peer says that it has none of this name. */
    NOWHERE,
    FAILED,
    /** No time was left to ask for it. */
    NOT_TRIED
  }

  /** One repository in one tick. */
  private static final class Turn {
    private final GitPorts git;
    private final Repo repo;
    private final List<HttpPeer> peers;
    private final Span span;
    private final GitArrivals arrivals;
    private final WantedPacks wanted;
    private final Set<ContentId> futile = new HashSet<>();
    private final Set<ContentId> tried = new HashSet<>();
    private int copied;

    Turn(GitPorts git, Repo repo, List<HttpPeer> peers, Span span) {
      this.git = git;
      this.repo = repo;
      this.span = span;
      this.arrivals = new GitArrivals(git);
      this.wanted = new WantedPacks(git.catalog());
      Optional<String> home = GitState.of(git.catalog(), repo.repoId()).home().site();
      this.peers =
          peers.stream()
              .sorted(Comparator.comparing(peer -> !home.equals(Optional.of(peer.host()))))
              .toList();
    }

    Copied run() {
      List<Wanted> told = wanted.due(repo.repoId(), now(), MOST_PACKS);
      List<Wanted> left = take(told, peers);
      List<ContentId> failed = left.stream().map(Wanted::pack).filter(tried::contains).toList();
      wanted.failed(repo.repoId(), failed, now());
      int waiting = arrivals.settle(repo);
      if (isOver()) {
        return new Copied(copied, 0, waiting);
      }
      if (waiting > 0 && wanted.isListDue(repo.repoId(), now())) {
        waiting = takeWhatPeersHave(waiting);
      }
      if (waiting == 0) {
        wanted.giveUp(repo.repoId(), futile, now());
      }
      wanted.came(repo.repoId());
      return new Copied(copied, left.size(), waiting);
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
      for (HttpPeer peer : peers) {
        if (waiting == 0 || isOver()) {
          return waiting;
        }
        try {
          Set<ContentId> here = arrivals.packs(repo);
          List<Wanted> other = new ArrayList<>();
          for (HttpPeer.Pack pack : peer.packs(repo.repoId())) {
            if (!here.contains(pack.id())) {
              other.add(new Wanted(pack.id(), pack.sizeBytes()));
            }
          }
          if (!take(other, List.of(peer)).equals(other)) {
            waiting = arrivals.settle(repo);
          }
        } catch (IOException e) {
          log.warn("{} does not say what packs it has: {}", peer.host(), e.toString());
        }
      }
      if (waiting > 0) {
        wanted.listFailed(repo.repoId(), now());
      }
      return waiting;
    }

    /**
     * Takes packs, those again that came too early, as long as that leads on.
     *
     * @return those that are not here
     */
    private List<Wanted> take(List<Wanted> packs, List<HttpPeer> from) {
      List<Wanted> left = packs;
      int before = -1;
      while (copied != before && !left.isEmpty()) {
        before = copied;
        List<Wanted> next = new ArrayList<>();
        for (Wanted pack : left) {
          Fate fate = isOver() ? Fate.NOT_TRIED : takeFromAny(pack, from);
          if (fate != Fate.NOT_TRIED) {
            tried.add(pack.pack());
          }
          if (fate == Fate.HERE) {
            copied++;
            futile.remove(pack.pack());
          } else {
            next.add(pack);
          }
          if (fate == Fate.TOO_EARLY || fate == Fate.NOWHERE) {
            futile.add(pack.pack());
          }
        }
        left = next;
      }
      return left;
    }

    private Fate takeFromAny(Wanted pack, List<HttpPeer> from) {
      if (pack.sizeBytes() > git.limits().packBytes()) {
        log.warn(
            "pack {} of {} bytes is too large to be copied by peer-sync",
            pack.pack().hex(),
            pack.sizeBytes());
        return Fate.FAILED;
      }
      Fate fate = Fate.NOWHERE;
      for (HttpPeer peer : from) {
        try {
          Optional<InputStream> blob = peer.blob(pack.pack());
          if (blob.isPresent()) {
            try (InputStream in = new Bounded(blob.get(), pack.sizeBytes())) {
              return arrivals.take(repo, pack.pack(), in) ? Fate.HERE : Fate.TOO_EARLY;
            }
          }
        } catch (IOException | SheafException e) {
          fate = Fate.FAILED;
          log.warn("{} did not give pack {}: {}", peer.host(), pack.pack().hex(), e.toString());
        }
      }
      return fate;
    }
  }

  /** A stream that must not go on for longer than was said. */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long bytes) {
      super(in);
      this.left = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int count = super.read(target, from, length);
      left -= Math.max(0, count);
      if (left < 0) {
        throw new SheafException(ErrorKind.INVALID, "it goes on behind the bytes that it has");
      }
      return count;
    }
  }
}
