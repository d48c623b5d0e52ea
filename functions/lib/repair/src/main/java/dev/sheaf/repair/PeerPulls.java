package dev.sheaf.repair;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gets a thing from other sites. Nobody is believed: the store is given the id as checksum of the
 * PUT, and refuses other bytes.
 */
final class PeerPulls {
  private static final String CONTENT_TYPE = "application/octet-stream";

  private final Peers peers;
  private final ObjectStore store;
  private final Counters counters;
  private final Set<String> busy = new HashSet<>();
  private final Set<String> full = new HashSet<>();

  PeerPulls(Peers peers, ObjectStore store, Counters counters) {
    this.peers = peers;
    this.store = store;
    this.counters = counters;
  }

  /**
   * How a pull ended.
   *
   * @param stored what is in the store now; empty when nobody had it
   * @param isBusy somebody was passed over who may have it, and is to be asked later
   * @param exhaustive every other site has answered that it has not got it
   * @param reasons why each that was asked did not help
   */
  record Pulled(
      Optional<ObjectRows.Stored> stored,
      boolean isBusy,
      boolean exhaustive,
      List<String> reasons) {}

  /** Those that were busy are asked once more. */
  void askBusyAgain() {
    busy.clear();
  }

  /**
   * Asks one site after the other, but for those that asked to be left alone.
   *
   * @param failedCycles cycles in which nobody gave it
   */
  Pulled pull(Inventory.Item item, long failedCycles) {
    boolean exhaustive = !peers.isNarrow(failedCycles);
    boolean isBusy = false;
    List<String> reasons = new ArrayList<>();
    for (BlobPeer peer : peers.toAsk(item.id(), failedCycles)) {
      switch (ask(peer, item)) {
        case BlobPeer.Answer.Bytes(FileContent content) -> {
          Optional<ObjectRows.Stored> stored = store(item, content);
          if (stored.isPresent()) {
            return new Pulled(stored, false, false, List.of());
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
      }
    }
    return new Pulled(Optional.empty(), isBusy, exhaustive, reasons);
  }

  private void failed(List<String> reasons, BlobPeer peer, String how) {
    counters.add(Counter.PULL_MINE_FAIL);
    reasons.add(peer.site() + how);
  }

  /** Whoever asked to be left alone is not asked, and its answer is the same. */
  private BlobPeer.Answer ask(BlobPeer peer, Inventory.Item item) {
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
