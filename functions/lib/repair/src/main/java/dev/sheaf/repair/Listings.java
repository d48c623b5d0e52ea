package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repair.RepairTracker.Listing;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.HeadPresence;
import dev.sheaf.repair.presence.InventoryReader;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.ListingException;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.PresenceIndex;
import dev.sheaf.repair.presence.PresenceLister;
import dev.sheaf.repair.presence.Range;
import dev.sheaf.repository.inventory.Inventory;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the passes of a cycle learn what is in the bucket, range by range. */
final class Listings {
  private static final Logger log = LoggerFactory.getLogger(Listings.class);

  private final Cycle.Ports ports;
  private final RepairOptions options;
  private final Progress progress;
  private final RepairTracker tracker;
  private final Counters counters;
  private final long known;
  private final Inventory inventory;
  private final Peers peers;

  /**
   * @param known keys of the last complete listing; 0 before the first
   */
  Listings(
      Cycle.Ports ports,
      RepairOptions options,
      Progress progress,
      RepairTracker tracker,
      long known,
      Inventory inventory,
      Peers peers) {
    this.ports = ports;
    this.options = options;
    this.progress = progress;
    this.tracker = tracker;
    this.counters = tracker.counters();
    this.known = known;
    this.inventory = inventory;
    this.peers = peers;
  }

  /**
   * The objects of this invocation, as many as its memory is to hold: all, where they were not too
   * many the last time.
   */
  Range nextRange() {
    String after = tracker.cursor(Kind.OBJECT);
    if (known > 0 && known <= options.rangeKeys()) {
      return Range.ALL;
    }
    Optional<ContentId> last = inventory.objectBehind(after, options.rangeKeys());
    return last.isEmpty() && after.isEmpty()
        ? Range.ALL
        : new Range(after.isEmpty() ? null : ContentId.parse(after), last.orElse(null));
  }

  /**
   * One listing, if it can be believed; else key by key.
   *
   * @param save writes the tracker down
   */
  Presence presence(Range range, BooleanSupplier save) {
    Optional<String> refused;
    try {
      PresenceIndex index = index(range, save);
      counters.add(Counter.LIST_REQUESTS, index.listing().requests());
      count(range, index);
      refused = new Evidence(inventory, ports.store(), peers, counters).against(index);
      if (refused.isEmpty()) {
        tracker.listingRefused(null);
        return index;
      }
    } catch (ListingException e) {
      refused = Optional.of(String.valueOf(e.getMessage()));
    }
    counters.add(Counter.PRESENCE_INDEX_BUILD_FAIL);
    tracker.listingRefused(refused.orElse(""));
    tracker.listing(new Listing(ports.clock().instant(), Listing.By.HEAD, 0));
    log.warn("the listing is not used in this run: {}", refused.orElse(""));
    return new HeadPresence(ports.store());
  }

  /** Ranges add up; what is listed again counts once. */
  private void count(Range range, PresenceIndex index) {
    long before = range.after() == null ? 0 : counters.get(Counter.KEYS_LISTED_BEFORE);
    counters.set(Counter.PRESENCE_INDEX_ENTRIES, before + index.listing().entries());
  }

  private PresenceIndex index(Range range, BooleanSupplier save) {
    if (!options.inventory().isEmpty()) {
      try {
        PresenceIndex index =
            new InventoryReader(ports.store(), options.inventory(), ports.clock()).read(range);
        return listed(index, Listing.By.INVENTORY);
      } catch (ListingException e) {
        log.warn("the bucket is listed, as {}", e.getMessage());
      }
    }
    ListingProgress told =
        new ListingProgress(progress, tracker, save, ports.clock().instant(), ports.ticker());
    PresenceIndex index =
        new PresenceLister(ports.store(), ports.clock(), told::listed)
            .list(PresenceLister.lanesFor(expected(range)), range);
    return listed(index, Listing.By.LIST);
  }

  private PresenceIndex listed(PresenceIndex index, Listing.By by) {
    PresenceIndex.Listing listing = index.listing();
    tracker.listing(new Listing(listing.startedAt(), by, listing.entries() + listing.foreign()));
    return index;
  }

  /** How many keys a listing is going to have, as far as that is known. */
  private long expected(Range range) {
    return range.last() == null ? known : Math.max(known, options.rangeKeys());
  }
}
