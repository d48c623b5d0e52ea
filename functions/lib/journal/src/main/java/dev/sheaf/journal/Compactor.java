package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.NamespaceStore.RollupRead;
import dev.sheaf.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps namespaces small on a schedule, for processes that live too short to do it in the
 * background. Any number may run at once: the rollup is replaced on condition, so one wins and the
 * others report a lost election.
 */
public final class Compactor {
  private final ObjectStore bucket;
  private final JournalOptions options;

  public Compactor(ObjectStore bucket, JournalOptions options) {
    this.bucket = bucket;
    this.options = options;
  }

  /**
   * The namespaces that the bucket holds directories of, one LIST for 1,000 of them; those whose
   * names {@link Namespace#of} would refuse are left out.
   */
  public List<Namespace> namespaces() {
    List<Namespace> found = new ArrayList<>();
    String continuation = null;
    do {
      ObjectStore.Page page = bucket.list(Namespace.PREFIX, "/", continuation);
      page.commonPrefixes().stream()
          .flatMap(directory -> Namespace.ofDirectory(directory).stream())
          .filter(namespace -> Namespace.isValid(namespace.name()))
          .forEach(found::add);
      continuation = page.next();
    } while (continuation != null);
    return found;
  }

  /** What a compaction would do now. Writes nothing: one listing and at most one GET. */
  public CompactionPlan plan(Namespace namespace) {
    NamespaceStore store = store(namespace);
    NamespaceListing listing = store.list();
    Optional<Rollup> rollup = listing.segments().isEmpty() ? Optional.empty() : rollup(store);
    return CompactionPlan.of(
        namespace,
        listing,
        rollup.map(Rollup::mark).orElse(Mark.ZERO),
        options.segmentThreshold(),
        options.ageThreshold());
  }

  private NamespaceStore store(Namespace namespace) {
    return new NamespaceStore(bucket, namespace, options.host());
  }

  private static Optional<Rollup> rollup(NamespaceStore store) {
    return store.rollup(null) instanceof RollupRead.Found(Rollup found)
        ? Optional.of(found)
        : Optional.empty();
  }

  /**
   * Compacts one namespace: a tick with the ladder after it, and because the ladder acts on what
   * two ticks in a row ask for, a second one unless the first asked for nothing. Every object is
   * read, so one that nobody can read is found, however few there are. Nothing is created in a
   * namespace without segments.
   */
  public CompactionReport compact(Namespace namespace) {
    NamespaceStore store = store(namespace);
    Tally tally = new Tally(store);
    try {
      NamespaceListing listing = store.list();
      tally.segments = listing.segments().size();
      if (listing.segments().isEmpty()) {
        tally.hold(rollup(store));
      } else {
        climb(store, listing, tally);
      }
    } catch (SheafException e) {
      tally.failure = Optional.of(e);
    }
    return tally.report();
  }

  private void climb(NamespaceStore store, NamespaceListing listing, Tally tally) {
    Replica replica = new Replica(options.host().nanoTime());
    Tick tick = new Tick(store, replica, new ThreadFanOut(options.fetches()));
    Ladder ladder = new Ladder(store, replica, tick, options);
    tally.add(ladder.climb(tick.run(listing, replica.nanoTime())));
    for (int i = 1; i < JournalOptions.SUSTAINED_TICKS && asksForMore(ladder, listing); i++) {
      tally.add(ladder.climb(tick.run()));
    }
    tally.hold(Optional.ofNullable(replica.rollup()));
  }

  private static boolean asksForMore(Ladder ladder, NamespaceListing listing) {
    return ladder.plan(listing).action() != CompactionPlan.Action.NONE;
  }

  /** Sums up the climbs of one run. */
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

    void hold(Optional<Rollup> rollup) {
      stateBytes = rollup.map(Rollup::size).orElse(0L);
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
