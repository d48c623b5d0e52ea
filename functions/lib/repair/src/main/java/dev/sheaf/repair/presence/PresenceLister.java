package dev.sheaf.repair.presence;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Lists a bucket into a {@link PresenceIndex}, ranges of keys side by side: at most one LIST for
 * each thousand keys, and one for each range.
 */
public final class PresenceLister {
  private static final int MOST_LANES = 16;

  /** Fewer keys than this are not worth a further request. */
  private static final long KEYS_A_LANE = 10_000;

  private final ObjectStore store;
  private final InstantSource clock;
  private final LongConsumer progress;

  /**
   * @param progress told now and then, by any thread, how many keys have been seen so far
   */
  public PresenceLister(ObjectStore store, InstantSource clock, LongConsumer progress) {
    this.store = store;
    this.clock = clock;
    this.progress = progress;
  }

  /** How many ranges the objects of a bucket are worth that had so many keys the last time. */
  public static int lanesFor(long keys) {
    return Math.clamp(keys / KEYS_A_LANE, 1, MOST_LANES);
  }

  /** Lists the whole bucket. */
  public PresenceIndex list(int objectLanes) {
    return list(objectLanes, Range.ALL);
  }

  /**
   * Lists a part of a bucket's objects, and with the first part what it has of other kinds. With
   * the others these are left until somebody asks: they have been gone through by then.
   *
   * @param objectLanes ranges of objects, from 1 to 256; one more for each other kind
   * @throws ListingException when any page fails, or is none: half an index is no index
   */
  public PresenceIndex list(int objectLanes, Range range) {
    Instant startedAt = clock.instant();
    AtomicLong seenSoFar = new AtomicLong();
    Set<Kind> now = range.after() == null ? EnumSet.allOf(Kind.class) : EnumSet.of(Kind.OBJECT);
    List<Lane> lanes = Lane.all(objectLanes, range, now);
    List<Lane.Seen> seen;
    try (ParallelCalls<Lane.Seen> calls = new ParallelCalls<>(lanes.size())) {
      lanes.forEach(lane ->
          calls.submit(() -> lane.list(store, keys -> progress.accept(seenSoFar.addAndGet(keys)))));
      seen = calls.results();
    } catch (SheafException e) {
      throw new ListingException("a LIST failed: " + e.getMessage(), e);
    }
    return index(startedAt, seen, range, new LaterKinds(store, now));
  }

  private static PresenceIndex index(
      Instant startedAt, List<Lane.Seen> seen, Range range, LaterKinds later) {
    Map<Kind, List<Entries>> parts = new EnumMap<>(Kind.class);
    int requests = 0;
    long entries = 0;
    long foreign = 0;
    for (Lane.Seen lane : seen) {
      parts.computeIfAbsent(lane.lane().kind(), _ -> new ArrayList<>()).add(lane.entries());
      requests += lane.requests();
      entries += lane.entries().count();
      foreign += lane.foreign();
    }
    return new PresenceIndex(
        parts,
        range,
        new PresenceIndex.Listing(startedAt, requests, entries, foreign),
        Optional.of(later));
  }
}
