package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.storage.ObjectStore.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps after a background tick that keep a namespace small: delete what is folded, fold what
 * is old, and where nothing ages because nobody writes, advance the store's clock.
 *
 * <p>Nobody leads. Every replica may climb the same steps at the same time: the rollup is replaced
 * on condition of its ETag, so one wins and the others have done nothing. No step changes what the
 * namespace means, and none is needed for reads to be right, so failures are only logged.
 */
final class Ladder {
  private static final Logger LOG = LoggerFactory.getLogger(Ladder.class);

  private final NamespaceStore store;
  private final Replica replica;
  private final Tick tick;
  private final JournalOptions options;
  private Instant lastNewest = Mark.ZERO.lastModified();
  private final int sustainedTicks;
  private int sustained;
  private int stalled;

  /**
   * A ladder of which nobody has taken a step.
   *
   * @param sustainedTicks ticks in a row that have to ask for a step before it is taken
   */
  Ladder(
      NamespaceStore store,
      Replica replica,
      Tick tick,
      JournalOptions options,
      int sustainedTicks) {
    this.sustainedTicks = sustainedTicks;
    this.store = store;
    this.replica = replica;
    this.tick = tick;
    this.options = options;
  }

  /** What became of one climb. */
  record Outcome(
      int folded, int deleted, boolean lost, boolean probed, Optional<Exception> failure) {
    static final Outcome NOTHING = new Outcome(0, 0, false, false, Optional.empty());

    static Outcome failed(Exception e) {
      return new Outcome(0, 0, false, false, Optional.of(e));
    }

    Outcome alsoDeleted(int more) {
      return new Outcome(folded, deleted + more, lost, probed, failure);
    }
  }

  CompactionPlan plan(NamespaceListing listing) {
    Rollup rollup = replica.rollup();
    return CompactionPlan.of(
        store.namespace(),
        listing,
        rollup == null ? Mark.ZERO : rollup.mark(),
        options.segmentThreshold(),
        options.ageThreshold());
  }

  /** Climbs once, on the listing of a tick that has succeeded. Never throws. */
  Outcome climb(NamespaceListing listing) {
    if (listing.newest().isAfter(lastNewest)) {
      lastNewest = listing.newest();
      stalled = 0;
    }
    CompactionPlan plan = plan(listing);
    int cleaned = delete(store, plan.leftovers());
    try {
      return act(plan, listing).alsoDeleted(cleaned);
    } catch (RuntimeException | InterruptedException e) {
      LOG.warn("compaction failed; namespace={}", store.namespace(), e);
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return Outcome.failed(e).alsoDeleted(cleaned);
    }
  }

  private Outcome act(CompactionPlan plan, NamespaceListing listing) throws InterruptedException {
    switch (plan.action()) {
      case FOLD -> {
        stalled = 0;
        if (++sustained >= sustainedTicks) {
          sustained = 0;
          return compact(plan);
        }
      }
      case PROBE -> {
        sustained = 0;
        if (++stalled >= sustainedTicks) {
          stalled = 0;
          return probe(listing);
        }
      }
      case NONE -> {
        sustained = 0;
        stalled = 0;
      }
    }
    return Outcome.NOTHING;
  }

  private Outcome compact(CompactionPlan plan) throws InterruptedException {
    sleepJitter();
    Rollup before = heldRollup();
    tick.refreshRollup();
    if (!heldRollup().etag().equals(before.etag())) {
      return new Outcome(0, 0, true, false, Optional.empty()); // somebody else was first
    }
    JsonObject folded = fold(before, plan.candidates());
    byte[] body = RollupCodec.encode(folded, plan.mark());
    Optional<String> etag = store.putRollup(body, new Condition.IfMatch(before.etag()));
    if (etag.isEmpty()) {
      return new Outcome(0, 0, true, false, Optional.empty());
    }
    replica.hold(new Rollup(etag.get(), plan.mark(), folded, body.length));
    int deleted = delete(store, plan.candidates());
    return new Outcome(plan.candidates().size(), deleted, false, false, Optional.empty());
  }

  private Rollup heldRollup() {
    Rollup held = replica.rollup();
    if (held == null) {
      throw new IllegalStateException("a ladder follows a tick, and a tick holds a rollup");
    }
    return held;
  }

  /** Never folds around a gap: what is not in memory may not be left behind the mark. */
  private JsonObject fold(Rollup rollup, List<String> candidates) {
    State state = new State(rollup.state());
    for (String name : candidates) {
      List<Operation> ops = replica.ops(name);
      if (ops == null) {
        throw new SheafException(
            ErrorKind.CONFLICT,
            "segment " + store.namespace().segmentKey(name) + " is not in memory; not compacting");
      }
      state.apply(ops);
    }
    return state.toJson();
  }

  private Outcome probe(NamespaceListing listing) throws InterruptedException {
    sleepJitter();
    if (store.list().newest().isAfter(listing.newest())) {
      return Outcome.NOTHING; // somebody wrote; the clock has moved
    }
    store.putSegment(
        Namespace.newSegment(options.host().ids().next()), SegmentCodec.encode(List.of()));
    return new Outcome(0, 0, false, true, Optional.empty());
  }

  /** Deletes folded segments; what stays is tried again by a later climb. */
  static int delete(NamespaceStore store, List<String> names) {
    int deleted = 0;
    for (int from = 0; from < names.size(); from += JournalOptions.DELETE_BATCH) {
      List<String> batch =
          names.subList(from, Math.min(names.size(), from + JournalOptions.DELETE_BATCH));
      try {
        Map<String, String> refused = store.delete(batch);
        deleted += batch.size() - refused.size();
        refused.forEach((key, why) -> LOG.warn("not deleted; key={} reason={}", key, why));
      } catch (RuntimeException e) {
        LOG.warn("deleting folded segments failed; namespace={}", store.namespace(), e);
      }
    }
    return deleted;
  }

  private void sleepJitter() throws InterruptedException {
    long limit = options.jitter().toNanos();
    if (limit > 0) {
      long jitter = Math.floorMod(options.host().random().nextLong(), limit);
      options.host().sleeper().sleep(Duration.ofNanos(jitter));
    }
  }
}
