package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.WantedPacks.Wanted;
import dev.sheaf.repository.git.GitArrivals;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.PackCopies;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * In place of packs that are nowhere, those that hold the same objects at peers. A fold is each
 * site's own: nobody else has a pack of its name, and its uploads are gone, but what it held others
 * have in packs of theirs. These are taken by the proofs that a push must pass; when all that refs
 * lead to is in what is here, the lost packs are no part of the repository any more. No ref moves.
 */
final class GitSubstitutes {
  private static final Logger log = LoggerFactory.getLogger(GitSubstitutes.class);

  /** Of one peer, in one invocation; the rest comes in the next one. */
  private static final int MOST_PACKS = 500;

  private final GitPorts ports;
  private final Peers peers;
  private final Counters counters;

  GitSubstitutes(GitPorts ports, Peers peers, Counters counters) {
    this.ports = ports;
    this.peers = peers;
    this.counters = counters;
  }

  /**
   * How it ended.
   *
   * @param isReplaced whether the repository is whole without the lost packs
   * @param exhaustive whether every other site has said what it has, and all of that is here
   * @param reasons why it is not whole
   */
  record Ended(boolean isReplaced, boolean exhaustive, List<String> reasons) {}

  /**
   * Looks for the objects of packs that are lost.
   *
   * @param lost packs of the repository that nobody gave by their names
   * @param unreadable its packs that nothing can be read from, these among them
   * @param isShortOfTime asked before each pack, and now and then in the proof
   */
  Ended replace(
      Repo repo, Set<ContentId> lost, Set<ContentId> unreadable, BooleanSupplier isShortOfTime) {
    GitArrivals arrivals = new GitArrivals(ports, unreadable);
    List<String> reasons = new ArrayList<>();
    boolean exhaustive = true;
    try {
      if (arrivals.replace(repo, lost, isShortOfTime)) {
        return replaced(repo, lost);
      }
      for (BlobPeer peer : peers.rank(lost.iterator().next())) {
        PackCopies copies =
            new PackCopies(arrivals, repo, ports.limits().packBytes(), isShortOfTime);
        boolean isAll = take(repo, lost, peer, copies, arrivals, reasons);
        exhaustive &= isAll;
        counters.add(Counter.GIT_PACKS_TAKEN, copies.copied());
        if (copies.copied() > 0 && arrivals.replace(repo, lost, isShortOfTime)) {
          return replaced(repo, lost);
        }
      }
      reasons.add("no peer's packs hold all of its objects");
    } catch (SheafException e) {
      exhaustive = false;
      reasons.add(String.valueOf(e.getMessage()));
      log.warn("{}/{} is not whole: {}", repo.owner(), repo.name(), e.getMessage());
    }
    return new Ended(false, exhaustive, reasons);
  }

  private Ended replaced(Repo repo, Set<ContentId> lost) {
    counters.add(Counter.GIT_PACKS_REPLACED, lost.size());
    log.info("{}/{} is whole without {} lost packs", repo.owner(), repo.name(), lost.size());
    return new Ended(true, false, List.of());
  }

  /** Whether all that the peer has of the repository is here now. */
  private static boolean take(
      Repo repo,
      Set<ContentId> lost,
      BlobPeer peer,
      PackCopies copies,
      GitArrivals arrivals,
      List<String> reasons) {
    try {
      Set<ContentId> here = arrivals.packs(repo);
      List<Wanted> other =
          peer.packs(repo.repoId()).stream()
              .filter(pack -> lost.contains(pack.pack()) || !here.contains(pack.pack()))
              .toList();
      List<Wanted> some = other.subList(0, Math.min(other.size(), MOST_PACKS));
      int failed = copies.take(some, List.of(new PeerPacks(peer, reasons))).size();
      return failed == 0 && some.size() == other.size();
    } catch (IOException | SheafException e) {
      reasons.add(peer.site() + " does not say what packs it has: " + e.getMessage());
      return false;
    }
  }
}
