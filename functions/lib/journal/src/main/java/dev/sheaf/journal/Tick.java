package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.NamespaceListing.Listed;
import dev.sheaf.journal.NamespaceStore.RollupRead;
import dev.sheaf.storage.ObjectStore.Condition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a replica up to what the store holds. One at a time per namespace.
 *
 * <p>The listing comes before the look at the rollup: a segment that is missing from it because it
 * was folded is then covered by the rollup that is read after. The other way round it would be
 * missing from both.
 *
 * <p>The first failure ends the tick, but for a segment that is gone when it is to be read: that is
 * a race lost to a compaction, and the tick begins again. Stamps and a rollup that were taken in
 * until then stay; what is served does not change.
 */
final class Tick {
  private static final Logger LOG = LoggerFactory.getLogger(Tick.class);

  /** A fold is followed by no other for a while, so one is usual, and more are hardly met. */
  private static final int MOST_LOST_RACES = 3;

  private final NamespaceStore store;
  private final Replica replica;
  private final FanOut fanOut;
  private int lostRaces;

  Tick(NamespaceStore store, Replica replica, FanOut fanOut) {
    this.store = store;
    this.replica = replica;
    this.fanOut = fanOut;
  }

  /** A segment was folded and deleted by somebody else after it was listed. */
  private static final class PassedBy extends SheafException {
    private static final long serialVersionUID = 1;

    PassedBy(String key) {
      super(
          ErrorKind.UNAVAILABLE,
          "segment "
              + key
              + " was listed but is gone, and so were others before it; compactions pass by faster"
              + " than this can read: try again");
    }
  }

  /** Runs once; the listing it went by. */
  NamespaceListing run() {
    long startedAt = replica.nanoTime();
    return run(store.list(), startedAt);
  }

  /**
   * Runs once on a listing that was made before, and again on a new one when a compaction has
   * passed by: what is gone the rollup holds by then.
   *
   * @param startedAt when it was begun, by the replica's monotonic clock
   * @return the listing it went by
   */
  NamespaceListing run(NamespaceListing listing, long startedAt) {
    NamespaceListing listed = listing;
    long begun = startedAt;
    for (int left = MOST_LOST_RACES; ; left--) {
      try {
        return runOnce(listed, begun);
      } catch (PassedBy e) {
        if (left == 0) {
          throw e;
        }
        lostRaces++;
        begun = replica.nanoTime();
        listed = store.list();
      }
    }
  }

  /** How often a compaction of somebody else has passed by so far. */
  int lostRaces() {
    return lostRaces;
  }

  private NamespaceListing runOnce(NamespaceListing listing, long startedAt) {
    refreshRollup();
    Map<String, CachedSegment> staged = fetch(replica.adopt(listing));
    Map<String, CachedSegment> input = replica.evict(listing, staged, startedAt);
    if (input != null) {
      replica.swap(replica.replay(input), input.keySet(), staged);
    }
    return listing;
  }

  /** Holds the rollup that the store has now, and makes the first one where it has none. */
  void refreshRollup() {
    Rollup held = replica.rollup();
    switch (store.rollup(held == null ? null : held.etag())) {
      case RollupRead.Unchanged _ -> {}
      case RollupRead.Found(Rollup found) -> replica.hold(found);
      case RollupRead.Absent _ -> replica.hold(seed());
    }
  }

  private Rollup seed() {
    Optional<byte[]> legacy = store.legacy();
    if (legacy.isPresent() && !RollupCodec.isObject(legacy.get())) {
      LOG.error(
          "legacy state is no JSON object and counts as absent; key={}",
          store.namespace().legacyKey());
    }
    byte[] body = RollupCodec.seed(legacy);
    Optional<String> etag = store.putRollup(body, Condition.IF_ABSENT);
    return etag.map(written -> rollup(written, body)).orElseGet(this::winner);
  }

  private static Rollup rollup(String etag, byte[] body) {
    RollupCodec.Body seeded = RollupCodec.decode(body);
    return new Rollup(etag, seeded.mark(), seeded.state(), body.length);
  }

  /** Another replica was first with its seed. */
  private Rollup winner() {
    if (store.rollup(null) instanceof RollupRead.Found(Rollup found)) {
      return found;
    }
    throw new SheafException(
        ErrorKind.UNAVAILABLE,
        "rollup "
            + store.namespace().rollupKey()
            + " was there when it was to be written, but not when it was read");
  }

  private Map<String, CachedSegment> fetch(List<Listed> unseen) {
    Map<String, CachedSegment> staged = new ConcurrentHashMap<>();
    fanOut.forEach(unseen, listed -> staged.put(listed.name(), fetch(listed)));
    return staged;
  }

  private CachedSegment fetch(Listed listed) {
    List<Operation> ops =
        store
            .segment(listed.name())
            .orElseThrow(() -> new PassedBy(store.namespace().segmentKey(listed.name())));
    return new CachedSegment(ops, listed.lastModified().toEpochMilli(), replica.nanoTime());
  }
}
