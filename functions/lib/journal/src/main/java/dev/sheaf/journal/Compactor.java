package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.NamespaceListing.Listed;
import dev.sheaf.journal.NamespaceStore.RollupRead;
import dev.sheaf.storage.ObjectStore;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps namespaces small on a schedule, for processes that live too short to do it in the
 * background. Any number may run at once: the rollup is replaced on condition, so one wins and the
 * others report a lost election.
 *
 * <p>A {@link #survey} lists all namespaces at once. What it shows of one decides what is asked
 * besides: from the threshold on its segments are folded; below it, every object is read once, so
 * that one which nobody can read is found however quiet the namespace is. This remembers which it
 * has read, for as long as it lives: where nothing has changed, nothing is asked again.
 */
public final class Compactor {
  private final ObjectStore bucket;
  private final JournalOptions options;
  private final Map<Namespace, Known> known = new ConcurrentHashMap<>();

  /**
   * What is known of a namespace from the last time.
   *
   * @param rollupEtag the rollup that was read or written last; empty where there was none
   * @param mark how far it goes
   * @param readable segments above the mark that were read
   */
  private record Known(Optional<String> rollupEtag, Mark mark, Set<Listed> readable) {}

  public Compactor(ObjectStore bucket, JournalOptions options) {
    this.bucket = bucket;
    this.options = options;
  }

  /** What the bucket holds of all namespaces; what is known of others is forgotten. */
  public Survey survey() {
    Survey survey = Survey.of(bucket, options.host());
    Set<Namespace> present = new HashSet<>();
    survey.namespaces().forEach(listed -> present.add(listed.namespace()));
    known.keySet().retainAll(present);
    return survey;
  }

  /** What the bucket holds of one namespace, which may be nothing. */
  public Survey survey(Namespace namespace) {
    return Survey.of(bucket, namespace, options.host());
  }

  /** What a compaction would do about this. Writes nothing: at most one GET. */
  public CompactionPlan plan(ListedNamespace listed) {
    boolean isEmpty = listed.segments().segments().isEmpty();
    NamespaceStore store = store(listed.namespace());
    return plan(listed, isEmpty ? Mark.ZERO : mark(listed, store));
  }

  private CompactionPlan plan(ListedNamespace listed, Mark mark) {
    return CompactionPlan.of(
        listed.namespace(),
        listed.segments(),
        mark,
        options.segmentThreshold(),
        options.ageThreshold());
  }

  private NamespaceStore store(Namespace namespace) {
    return new NamespaceStore(bucket, namespace, options.host());
  }

  private static Mark mark(ListedNamespace listed, NamespaceStore store) {
    return listed.rollupEtag().isPresent()
            && store.rollup(null) instanceof RollupRead.Found(Rollup found)
        ? found.mark()
        : Mark.ZERO;
  }

  /**
   * Compacts one namespace as far as its listing asks for it; without segments there is nothing to
   * do but to look at a rollup that is not known yet. A listing that has become old does no harm: a
   * fold goes by what is still there.
   */
  public CompactionReport compact(ListedNamespace listed) {
    NamespaceStore store = store(listed.namespace());
    Tally tally = new Tally(store);
    tally.segments = listed.segments().segments().size();
    tally.stateBytes = listed.rollupSize();
    try {
      if (tally.segments >= options.segmentThreshold()) {
        fold(listed, store, tally);
      } else {
        check(listed, store, tally);
      }
    } catch (SheafException e) {
      tally.failure = Optional.of(e);
    }
    return tally.report();
  }

  /** A tick with the ladder after it. Nobody ticks here again soon, so the first has to do. */
  private void fold(ListedNamespace listed, NamespaceStore store, Tally tally) {
    Replica replica = new Replica(options.host().nanoTime());
    Tick tick = new Tick(store, replica, new ThreadFanOut(options.fetches()));
    known.remove(listed.namespace());
    try {
      NamespaceListing listing = tick.run(listed.segments(), listed.startedAt());
      tally.add(new Ladder(store, replica, tick, options, 1).climb(listing));
      remember(listed.namespace(), replica, listing);
    } finally {
      tally.lost += tick.lostRaces();
      tally.hold(replica.rollup());
    }
  }

  private void remember(Namespace namespace, Replica replica, NamespaceListing listing) {
    Rollup rollup = replica.rollup();
    if (rollup != null) {
      Set<Listed> readable = ConcurrentHashMap.newKeySet();
      listing.segments().stream()
          .filter(segment -> !segment.coveredBy(rollup.mark()))
          .forEach(readable::add);
      known.put(namespace, new Known(Optional.of(rollup.etag()), rollup.mark(), readable));
    }
  }

  /** Deletes what is folded, and reads what was never read, for whether it can be. */
  private void check(ListedNamespace listed, NamespaceStore store, Tally tally) {
    Known before = known(listed, store);
    Set<Listed> readable = ConcurrentHashMap.newKeySet();
    known.put(listed.namespace(), new Known(before.rollupEtag, before.mark, readable));
    List<Listed> live =
        listed.segments().segments().stream()
            .filter(segment -> !segment.coveredBy(before.mark))
            .toList();
    live.stream().filter(before.readable::contains).forEach(readable::add);
    List<Listed> unread = live.stream().filter(segment -> !readable.contains(segment)).toList();
    tally.deleted += Ladder.delete(store, plan(listed, before.mark).leftovers());
    new ThreadFanOut(options.fetches())
        .forEach(
            unread,
            segment -> {
              if (store.segment(segment.name()).isPresent()) { // else it was folded meanwhile
                readable.add(segment);
              }
            });
  }

  private Known known(ListedNamespace listed, NamespaceStore store) {
    Known last = known.get(listed.namespace());
    if (last == null) {
      return new Known(listed.rollupEtag(), mark(listed, store), Set.of());
    }
    return last.rollupEtag.equals(listed.rollupEtag())
        ? last
        : new Known(listed.rollupEtag(), mark(listed, store), last.readable);
  }

  /** Sums up one run. */
  private static final class Tally {
    private final NamespaceStore store;
    private int segments;
    private int folded;
    private int deleted;
    private long stateBytes;
    private int lost;
    private boolean probed;
    private Optional<SheafException> failure = Optional.empty();

    Tally(NamespaceStore store) {
      this.store = store;
    }

    void hold(@Nullable Rollup rollup) {
      stateBytes = rollup == null ? stateBytes : rollup.size();
    }

    void add(Ladder.Outcome outcome) {
      folded += outcome.folded();
      deleted += outcome.deleted();
      lost += outcome.lost() ? 1 : 0;
      probed |= outcome.probed();
      if (outcome.failure().isPresent()) {
        failure = outcome.failure().map(Tally::asSheafException);
      }
    }

    private static SheafException asSheafException(Exception e) {
      return e instanceof SheafException failure
          ? failure
          : new SheafException(ErrorKind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }

    CompactionReport report() {
      return new CompactionReport(
          store.namespace(),
          segments,
          folded,
          deleted,
          stateBytes,
          store.requests(),
          lost,
          probed,
          failure);
    }
  }
}
