package dev.sheaf.journal;

import dev.sheaf.journal.NamespaceListing.Listed;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.Utf8Order;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A namespace in memory: the state that is served, the segments it was made of, and the rollup
 * below them. Makes no request and never waits; the lock is held for memory work only, so that
 * writers and ticks can meet at any point in between.
 *
 * <p>A tick walks through {@link #adopt}, {@link #evict}, {@link #replay} and {@link #swap}; a
 * writer calls {@link #commit}. Between any two of these the other may come.
 */
final class Replica {
  /** By stamp, then by name; what has no stamp yet is the newest. */
  private static final Comparator<Map.Entry<String, CachedSegment>> CANONICAL =
      Comparator.comparingLong(
              (Map.Entry<String, CachedSegment> entry) -> entry.getValue().stampMillis())
          .thenComparing(Map.Entry::getKey, Utf8Order.INSTANCE);

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, CachedSegment> cache = new HashMap<>();
  private State state = new State(JsonObject.EMPTY);
  private @Nullable Rollup rollup;
  private boolean stale; // the state is not yet what cache and rollup say

  Replica(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Reads the served state. */
  <T> T read(Function<State, T> query) {
    lock.lock();
    try {
      return query.apply(state);
    } finally {
      lock.unlock();
    }
  }

  /** Takes in a segment of our own that the store has acknowledged. */
  void commit(String name, List<Operation> ops) {
    lock.lock();
    try {
      if (!cache.containsKey(name)) { // a tick may have read it back already
        state.apply(ops);
        cache.put(name, new CachedSegment(ops, CachedSegment.UNLISTED, nanoTime.getAsLong()));
      }
    } finally {
      lock.unlock();
    }
  }

  @Nullable Rollup rollup() {
    lock.lock();
    try {
      return rollup;
    } finally {
      lock.unlock();
    }
  }

  /** Holds another rollup; what is served follows with the next swap. */
  void hold(Rollup next) {
    lock.lock();
    try {
      rollup = next;
      stale = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives listed stamps to segments that had none yet, or another one: a put that was sent twice
   * has the stamp of the later one, and every replica must go by the same.
   *
   * @return the listed segments that are neither known nor folded: they have to be read
   */
  List<Listed> adopt(NamespaceListing listing) {
    List<Listed> unseen = new ArrayList<>();
    lock.lock();
    try {
      for (Listed listed : listing.segments()) {
        CachedSegment cached = cache.get(listed.name());
        if (cached == null) {
          if (!listed.coveredBy(mark())) {
            unseen.add(listed);
          }
        } else if (!cached.isListedAt(listed.lastModified())) {
          cache.put(listed.name(), cached.listedAt(listed.lastModified()));
          stale = true;
        }
      }
    } finally {
      lock.unlock();
    }
    return unseen;
  }

  /**
   * Drops what the rollup holds now, and what the listing proves to be folded and deleted: a
   * segment of ours from before its start that it does not show.
   *
   * @param staged segments that were just read
   * @return what to replay, or null when the served state is exactly that already
   */
  @Nullable Map<String, CachedSegment> evict(
      NamespaceListing listing, Map<String, CachedSegment> staged, long listStartedAt) {
    Set<String> listed = new HashSet<>();
    listing.segments().forEach(segment -> listed.add(segment.name()));
    lock.lock();
    try {
      stale |=
          cache
              .entrySet()
              .removeIf(entry -> isOver(entry.getKey(), entry.getValue(), listed, listStartedAt));
      if (!stale && staged.isEmpty()) {
        return null;
      }
      Map<String, CachedSegment> input = new HashMap<>(cache);
      input.putAll(staged);
      return input;
    } finally {
      lock.unlock();
    }
  }

  private boolean isOver(
      String name, CachedSegment cached, Set<String> listed, long listStartedAt) {
    return cached.isListed()
        ? cached.isFolded(name, mark())
        : !listed.contains(name) && cached.insertedAt() - listStartedAt < 0;
  }

  /** Replays segments in canonical order on the rollup; own ones without a stamp come last. */
  State replay(Map<String, CachedSegment> input) {
    Rollup below = rollup();
    Mark mark = below == null ? Mark.ZERO : below.mark();
    State replayed = new State(below == null ? JsonObject.EMPTY : below.state());
    input.entrySet().stream()
        .filter(entry -> !entry.getValue().isFolded(entry.getKey(), mark))
        .sorted(CANONICAL)
        .forEach(entry -> replayed.apply(entry.getValue().ops()));
    return replayed;
  }

  /** Serves a replayed state, with what our writer has added since it was begun on top. */
  void swap(State replayed, Set<String> input, Map<String, CachedSegment> staged) {
    lock.lock();
    try {
      cache.entrySet().stream()
          .filter(entry -> !input.contains(entry.getKey()))
          .sorted(Map.Entry.comparingByKey(Utf8Order.INSTANCE))
          .forEach(entry -> replayed.apply(entry.getValue().ops()));
      cache.putAll(staged);
      state = replayed;
      stale = false;
    } finally {
      lock.unlock();
    }
  }

  /** The operations of a segment, or null when it is not known. */
  @Nullable List<Operation> ops(String name) {
    lock.lock();
    try {
      CachedSegment cached = cache.get(name);
      return cached == null ? null : cached.ops();
    } finally {
      lock.unlock();
    }
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Up to where segments are folded, as of the last tick. */
  Mark mark() {
    return rollup == null ? Mark.ZERO : rollup.mark();
  }
}
