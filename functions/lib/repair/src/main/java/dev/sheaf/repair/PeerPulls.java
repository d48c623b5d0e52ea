package dev.sheaf.repair;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets a thing from other sites. Nobody is believed: the store is given the id as checksum of the
 * PUT, and refuses other bytes.
 */
final class PeerPulls {
  private static final Logger log = LoggerFactory.getLogger(PeerPulls.class);

  private static final int IN_FLIGHT = 8;

  /** Up to 64 before what became of them is written down. */
  private static final int MOST_DOUBLINGS = 6;

  /** Of these as many may lie on the disk as are in flight. */
  private static final long SMALL = 64L << 20;

  private static final String CUT_OFF =
      "when the invocation's time was up; `sheaf repair run` takes the time that it needs";

  private static final String CONTENT_TYPE = "application/octet-stream";

  private final Peers peers;
  private final ObjectStore store;
  private final Counters counters;
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Set<String> full = ConcurrentHashMap.newKeySet();
  private final Set<String> heard = ConcurrentHashMap.newKeySet();
  private final Map<String, ReentrantLock> first = new ConcurrentHashMap<>();

  PeerPulls(Peers peers, ObjectStore store, Counters counters) {
    this.peers = peers;
    this.store = store;
    this.counters = counters;
  }

  /**
   * How a pull ended.
   *
   * @param item what was wanted
   * @param stored what is in the store now; empty when nobody had it
   * @param isBusy somebody was passed over who may have it, and is to be asked later
   * @param isCutOff the time was up while it was coming, or would have
   * @param exhaustive every other site has answered that it has not got it
   * @param reasons why each that was asked did not help
   */
  record Pulled(
      Inventory.Item item,
      Optional<ObjectRows.Stored> stored,
      boolean isBusy,
      boolean isCutOff,
      boolean exhaustive,
      List<String> reasons) {
    static Pulled stored(Inventory.Item item, ObjectRows.Stored stored) {
      return new Pulled(item, Optional.of(stored), false, false, false, List.of());
    }

    static Pulled missed(
        Inventory.Item item, boolean isBusy, boolean exhaustive, List<String> reasons) {
      return new Pulled(item, Optional.empty(), isBusy, false, exhaustive, reasons);
    }

    static Pulled cutOff(Inventory.Item item, List<String> reasons) {
      return new Pulled(item, Optional.empty(), false, true, false, reasons);
    }

    /** The same after something else was tried in vain, too. */
    Pulled and(boolean wasExhaustive, List<String> why) {
      List<String> all = new ArrayList<>(reasons);
      all.addAll(why);
      return new Pulled(item, stored, isBusy, isCutOff, exhaustive && wasExhaustive, all);
    }
  }

  /** Those that were busy are asked once more. */
  void askBusyAgain() {
    heard.removeAll(busy);
    busy.clear();
  }

  /**
   * As many of these as come next, from {@code from} on. It begins with one, and more and more
   * follow side by side: a peer that wants to be left alone, or is not there, is found out by few.
   * What is large comes by itself, for it lies on the disk meanwhile.
   *
   * @param wave counts from 0
   * @param isAlone what is to come by itself whatever its size
   */
  static List<Inventory.Item> wave(
      List<Inventory.Item> items, int from, int wave, Predicate<Inventory.Item> isAlone) {
    int most = 1 << Math.min(wave, MOST_DOUBLINGS);
    int to = from;
    while (to < items.size()
        && to - from < most
        && items.get(to).sizeBytes() <= SMALL
        && !isAlone.test(items.get(to))) {
      to++;
    }
    return items.subList(from, Math.max(to, from + 1));
  }

  /**
   * Pulls these side by side.
   *
   * @param tried what is known of those that failed before
   * @return those for which there was time, in their order
   */
  List<Pulled> pull(
      List<Inventory.Item> items,
      Map<String, LossLedger.Entry> tried,
      BooleanSupplier isShortOfTime) {
    try (ParallelCalls<Pulled> calls = new ParallelCalls<>(IN_FLIGHT)) {
      for (Inventory.Item item : items) {
        if (isShortOfTime.getAsBoolean()) {
          break;
        }
        LossLedger.Entry before = tried.get(item.cursor());
        long failedCycles = before == null ? 0 : before.failedCycles();
        calls.submit(() -> stored(item, failedCycles));
      }
      return calls.results();
    }
  }

  private Pulled stored(Inventory.Item item, long failedCycles) {
    try {
      return pull(item, failedCycles);
    } catch (SheafException e) {
      log.warn("{} could not be stored: {}", item.key(), e.getMessage());
      String reason = "it could not be stored: " + e.getMessage();
      return Pulled.missed(item, false, false, List.of(reason));
    }
  }

  /** Asks one site after the other, but for those that asked to be left alone. */
  private Pulled pull(Inventory.Item item, long failedCycles) {
    boolean exhaustive = !peers.isNarrow(failedCycles);
    boolean isBusy = false;
    List<String> reasons = new ArrayList<>();
    for (BlobPeer peer : peers.toAsk(item.id(), failedCycles)) {
      switch (ask(peer, item)) {
        case BlobPeer.Answer.Bytes(FileContent content) -> {
          Optional<ObjectRows.Stored> stored = store(item, content);
          if (stored.isPresent()) {
            return Pulled.stored(item, stored.get());
          }
          exhaustive = false;
          failed(reasons, peer, " gave other bytes");
        }
        case BlobPeer.Answer.HasNot() -> failed(reasons, peer, " has not got it");
        case BlobPeer.Answer.Busy() -> {
          exhaustive = false;
          isBusy = true;
          reasons.add(peer.site() + " is busy (HTTP 503)");
        }
        case BlobPeer.Answer.Full() -> {
          exhaustive = false;
          reasons.add(peer.site() + " has no room to answer (HTTP 507)");
        }
        case BlobPeer.Answer.NoAnswer(String why) -> {
          exhaustive = false;
          failed(reasons, peer, ": " + why);
        }
        case BlobPeer.Answer.Silent(String why) -> {
          exhaustive = false;
          failed(reasons, peer, ": " + why);
        }
        case BlobPeer.Answer.OutOfTime() -> {
          reasons.add(peer.site() + " was still at it " + CUT_OFF);
          return Pulled.cutOff(item, reasons);
        }
      }
    }
    return Pulled.missed(item, isBusy, exhaustive, reasons);
  }

  private void failed(List<String> reasons, BlobPeer peer, String how) {
    counters.add(Counter.PULL_MINE_FAIL);
    reasons.add(peer.site() + how);
  }

  /**
   * Until a peer has answered once it is asked one thing at a time: it may want to be left alone.
   */
  private BlobPeer.Answer ask(BlobPeer peer, Inventory.Item item) {
    if (heard.contains(peer.site())) {
      return answer(peer, item);
    }
    ReentrantLock alone = first.computeIfAbsent(peer.site(), _ -> new ReentrantLock());
    alone.lock();
    try {
      BlobPeer.Answer answer = answer(peer, item);
      heard.add(peer.site());
      return answer;
    } finally {
      alone.unlock();
    }
  }

  /** Whoever asked to be left alone is not asked, and its answer is the same. */
  private BlobPeer.Answer answer(BlobPeer peer, Inventory.Item item) {
    if (full.contains(peer.site())) {
      return new BlobPeer.Answer.Full();
    }
    if (busy.contains(peer.site())) {
      return new BlobPeer.Answer.Busy();
    }
    BlobPeer.Answer answer = peer.fetch(item.id());
    if (answer instanceof BlobPeer.Answer.Busy) {
      busy.add(peer.site());
      counters.add(Counter.PULL_PEER_BUSY);
    } else if (answer instanceof BlobPeer.Answer.Full) {
      full.add(peer.site());
      counters.add(Counter.PULL_PEER_BUSY);
    }
    return answer;
  }

  private Optional<ObjectRows.Stored> store(Inventory.Item item, FileContent content) {
    try {
      ObjectStore.PutResult put =
          store.put(item.key(), content, item.id(), ObjectStore.Condition.IF_ABSENT, CONTENT_TYPE);
      String etag = put instanceof ObjectStore.PutResult.Written(String written) ? written : null;
      return Optional.of(new ObjectRows.Stored(item.id(), content.size(), etag));
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.INVALID) {
        return Optional.empty();
      }
      throw e;
    } finally {
      Peers.delete(content);
    }
  }
}
