package dev.sheaf.repair;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes bundles that only other sites are to have. Each of these sites must answer that it has
 * the bundle and means to keep it: sites that are configured differently, as all are for a while
 * when one joins, might else delete what each believes to be the other's. Then the store is asked
 * once more, and the delete names what was seen. In doubt a bundle stays, and the next cleanup asks
 * again.
 */
final class Surplus {
  private static final Logger log = LoggerFactory.getLogger(Surplus.class);
  private static final int IN_FLIGHT = 16;
  private static final String BUNDLE = "bundle";

  private final Peers peers;
  private final ObjectStore store;
  private final Inventory inventory;
  private final Instant before;
  private final Counters counters;

  /**
   * @param before what was written or read by a job since is kept
   */
  Surplus(Peers peers, ObjectStore store, Inventory inventory, Instant before, Counters counters) {
    this.peers = peers;
    this.store = store;
    this.inventory = inventory;
    this.before = before;
    this.counters = counters;
  }

  /**
   * Deletes those of which nothing speaks against it.
   *
   * @param bundles with their ETags
   * @return whether time sufficed for all
   */
  boolean drop(List<Inventory.Item> bundles, BooleanSupplier isShortOfTime) {
    if (bundles.isEmpty()) {
      return true;
    }
    Set<String> inUse = inventory.inUse(bundles, before);
    try (ParallelCalls<Counter> calls = new ParallelCalls<>(IN_FLIGHT)) {
      for (Inventory.Item bundle : bundles) {
        if (isShortOfTime.getAsBoolean()) {
          calls.results().forEach(counters::add);
          return false;
        }
        calls.submit(() ->
            inUse.contains(bundle.cursor()) ? Counter.DELETE_OVER_REPLICATED_KEPT : drop(bundle));
      }
      calls.results().forEach(counters::add);
    }
    return true;
  }

  private Counter drop(Inventory.Item bundle) {
    Optional<String> doubt = doubt(bundle);
    if (doubt.isPresent()) {
      log.info("{} is kept, though it is others': {}", bundle.key(), doubt.get());
      return Counter.DELETE_OVER_REPLICATED_KEPT;
    }
    try {
      Optional<StoredObject> here = store.head(bundle.key());
      if (here.isEmpty()) {
        return Counter.DELETE_OVER_REPLICATED_SUCCESS; // by an attempt that was reported to fail
      }
      String etag = here.get().etag();
      boolean isAsSeen = etag.equals(bundle.etag()) && here.get().lastModified().isBefore(before);
      return isAsSeen && store.deleteIf(bundle.key(), etag)
          ? Counter.DELETE_OVER_REPLICATED_SUCCESS
          : Counter.DELETE_CONFLICT;
    } catch (SheafException e) {
      log.warn("{} is others' and was not deleted: {}", bundle.key(), e.getMessage());
      return Counter.DELETE_OVER_REPLICATED_FAIL;
    }
  }

  /** Why the others cannot be relied on for it; empty when each has it. */
  private Optional<String> doubt(Inventory.Item bundle) {
    List<BlobPeer> placed = peers.placed(bundle.id());
    if (placed.size() < peers.replication()) {
      return Optional.of("only %d other sites are to have it".formatted(placed.size()));
    }
    for (BlobPeer peer : placed) {
      BlobPeer.Holding holding = peer.holds(bundle.id());
      if (!holding.equals(new BlobPeer.Holding.Has(BUNDLE, bundle.sizeBytes(), true))) {
        return Optional.of(peer.site() + " says " + holding);
      }
    }
    return Optional.empty();
  }
}
