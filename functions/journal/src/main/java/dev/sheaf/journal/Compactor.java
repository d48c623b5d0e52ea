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
    return look(new NamespaceStore(bucket, namespace, options.host())).plan;
  }

  private record Look(CompactionPlan plan, long stateBytes) {
    boolean isQuiet() {
      return plan.action() == CompactionPlan.Action.NONE && plan.leftovers().isEmpty();
    }
  }

  private Look look(NamespaceStore store) {
    Listing listing = store.list();
    Optional<Rollup> rollup = listing.segments().isEmpty() ? Optional.empty() : rollup(store);
    CompactionPlan plan =
        CompactionPlan.of(
            store.namespace(),
            listing,
            rollup.map(Rollup::mark).orElse(Mark.ZERO),
            options.segmentThreshold(),
            options.ageThreshold());
    return new Look(plan, rollup.map(Rollup::size).orElse(0L));
  }

  private static Optional<Rollup> rollup(NamespaceStore store) {
    return store.rollup(null) instanceof RollupRead.Found(Rollup found)
        ? Optional.of(found)
        : Optional.empty();
  }

  /**
   * Compacts one namespace, if it asks for it: two ticks, each with the ladder after it, because
   * the ladder acts on what two ticks in a row ask for. A quiet namespace costs its listing and one
   * GET, and nothing is created in an empty one.
   */
  public CompactionReport compact(Namespace namespace) {
    NamespaceStore store = new NamespaceStore(bucket, namespace, options.host());
    Tally tally = new Tally(store);
    try {
      Look look = look(store);
      tally.segments = look.plan.listed();
      tally.stateBytes = look.stateBytes;
      if (!look.isQuiet()) {
        climbTwice(store, tally);
      }
    } catch (SheafException e) {
      tally.failure = Optional.of(e);
    }
    return tally.report();
  }

  private void climbTwice(NamespaceStore store, Tally tally) {
    Replica replica = new Replica(options.host().nanoTime());
    Tick tick = new Tick(store, replica, new VirtualFanOut(options.fetches()));
    Ladder ladder = new Ladder(store, replica, tick, options);
    for (int i = 0; i < JournalOptions.SUSTAINED_TICKS; i++) {
      tally.add(ladder.climb(tick.run()));
    }
    Rollup rollup = replica.rollup();
    tally.stateBytes = rollup == null ? 0 : rollup.size();
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
