package dev.sheaf.repair;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gets a thing from other sites. Nobody is believed: the store is given the id as checksum of the
 * PUT, and refuses other bytes.
 */
final class PeerPulls {
  private static final String CONTENT_TYPE = "application/octet-stream";

  private final Peers peers;
  private final ObjectStore store;
  private final Counters counters;

  PeerPulls(Peers peers, ObjectStore store, Counters counters) {
    this.peers = peers;
    this.store = store;
    this.counters = counters;
  }

  /**
   * How a pull ended.
   *
   * @param stored what is in the store now; empty when nobody had it
   * @param exhaustive every other site has answered that it has not got it
   * @param reasons why each that was asked did not help
   */
  record Pulled(Optional<ObjectRows.Stored> stored, boolean exhaustive, List<String> reasons) {}

  /** Asks one site after the other. */
  Pulled pull(Inventory.Item item) {
    boolean exhaustive = true;
    List<String> reasons = new ArrayList<>();
    for (BlobPeer peer : peers.rank(item.id())) {
      switch (peer.fetch(item.id())) {
        case BlobPeer.Answer.Bytes(FileContent content) -> {
          Optional<ObjectRows.Stored> stored = store(item, content);
          if (stored.isPresent()) {
            return new Pulled(stored, false, List.of());
          }
          exhaustive = false;
          reasons.add(peer.site() + " gave other bytes");
        }
        case BlobPeer.Answer.HasNot() -> reasons.add(peer.site() + " has not got it");
        case BlobPeer.Answer.NoAnswer(String why) -> {
          exhaustive = false;
          reasons.add(peer.site() + ": " + why);
        }
      }
      counters.add(Counter.PULL_MINE_FAIL);
    }
    return new Pulled(Optional.empty(), exhaustive, reasons);
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
