package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.PresenceIndex;
import dev.sheaf.repair.presence.Range;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.Inventory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What one invocation does of a cycle: lists, then goes through the rows from where it stands. */
final class Pass {
  /** What nobody knows may still be on its way into the catalog. */
  private static final Duration SURPLUS_AGE = Duration.ofDays(7);

  private final Cycle.Ports ports;
  private final Peers peers;
  private final RepairOptions options;
  private final Progress progress;
  private final Listings listings;
  private final RepairTracker tracker;
  private final BooleanSupplier isShortOfTime;
  private final Counters counters;
  private final Inventory inventory;
  private final GitInventory gitInventory;
  private final Lease.State state;
  private final Attempts attempts;
  private long listedEntries;
  private final Scrub scrub;
  private Range range = Range.ALL;
  private boolean isFurther;

  /**
   * @param isShortOfTime whether to leave the rest to another invocation; asked by any thread
   */
  Pass(
      Cycle.Ports ports,
      RepairOptions options,
      Progress progress,
      RepairTracker tracker,
      Lease.State state,
      BooleanSupplier isShortOfTime) {
    this.ports = ports;
    this.isShortOfTime = isShortOfTime;
    this.peers = ports.peers().patient(isShortOfTime);
    this.options = options;
    this.progress = progress;
    this.tracker = tracker;
    this.counters = tracker.counters();
    this.inventory = new Inventory(ports.catalog());
    this.gitInventory = new GitInventory(ports.catalog());
    this.state = state;
    this.attempts =
        new Attempts(ports.catalog(), ports.clock(), state.attempts() > 0, tracker.counters());
    this.listedEntries = state.listedEntries();
    this.listings =
        new Listings(ports, options, progress, tracker, state.listedEntries(), inventory, peers);
    long scrubBytes = tracker.isCleanup() ? options.scrubBytes() : 0;
    this.scrub = new Scrub(state.scrubbed(), scrubBytes, counters);
  }

  RepairTracker tracker() {
    return tracker;
  }

  /** Keys of the last listing that came to its end. */
  long listedEntries() {
    return listedEntries;
  }

  /** Up to where things were read in turn. */
  String scrubbed() {
    return scrub.position();
  }

  /**
   * Goes on to the end of the cycle, of its range of objects, or of the time.
   *
   * @param save writes the tracker down; false when somebody else has taken over
   */
  CycleRun.Outcome run(BooleanSupplier save) {
    range = listings.nextRange();
    Presence presence = listings.presence(range, save);
    BooleanSupplier isOver =
        () -> {
          progress.working(counters);
          return isShortOfTime.getAsBoolean();
        };
    CycleRun.Outcome outcome;
    try {
      outcome = run(presence, save, isOver);
      attempts.end();
      if (outcome == CycleRun.Outcome.FINISHED) {
        attempts.forgetSuspects();
      }
    } catch (SheafException e) {
      hasComeBack(e);
      throw e;
    }
    if (presence instanceof PresenceIndex index) {
      counters.add(Counter.LIST_REQUESTS, index.laterRequests());
    }
    if (outcome == CycleRun.Outcome.CONTINUES && presence instanceof PresenceIndex index) {
      String cursor = tracker.cursor(Kind.OBJECT);
      counters.add(
          Counter.KEYS_LISTED_BEFORE,
          cursor.isEmpty() ? 0 : index.listedUpTo(ContentId.parse(cursor)));
    }
    return outcome;
  }

  /** Who cannot be reached ends an invocation, whatever it is at. */
  private void hasComeBack(SheafException failure) {
    if (failure.kind() == ErrorKind.UNAVAILABLE) {
      try {
        attempts.end();
      } catch (SheafException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private CycleRun.Outcome run(Presence presence, BooleanSupplier save, BooleanSupplier isOver) {
    LossLedger ledger = new LossLedger(ports.catalog());
    BundleRecovery recovery = recovery(presence);
    Repairs repairs =
        new Repairs(
            new Repairs.Ports(
                ports.catalog(),
                ports.store(),
                inventory,
                gitInventory,
                ledger,
                attempts,
                peers,
                ports.space().temp(),
                ports.clock()),
            recovery,
            new GitRecovery(
                ports.store(), gitInventory, presence, ports.space(), attempts, counters),
            tracker,
            mayDelete(presence),
            surplusBefore(),
            () -> isFurther);
    Planner planner = planner(presence, ledger, recent(presence));
    for (Kind kind : Kind.values()) {
      List<Inventory.Item> batch;
      do {
        long started = ports.ticker().getAsLong();
        if (isOver.getAsBoolean()) {
          return shortOfTime();
        }
        batch = page(kind);
        if (batch.isEmpty()) {
          scrubbed(kind, batch, Set.of(), List.of());
          done(kind, batch, presence, started);
          break;
        }
        Set<String> turn = scrub.turn(kind, tracker.cursor(kind), batch);
        List<Inventory.Item> open =
            batch.stream().filter(item -> !recovery.hasRestored(item.id())).toList();
        long before = repairs.progress();
        Planner.Plan plan = planner.plan(kind, open, turn);
        boolean isDone = repairs.run(kind, plan.steps(), isOver);
        isFurther |= isDone || repairs.progress() > before;
        if (!isDone) {
          return shortOfTime();
        }
        add(plan);
        counters.add(Counter.ALREADY_HAVE, batch.size() - (long) open.size());
        counters.add(Counter.REPAIR_DEDUPED, batch.size() - (long) open.size());
        scrubbed(kind, batch, turn, plan.steps());
        done(kind, batch, presence, started);
        if (!save.getAsBoolean()) {
          return CycleRun.Outcome.BUSY;
        }
      } while (batch.size() == options.batch());
    }
    if (range.last() != null) {
      counters.add(Counter.RANGES);
      tracker.cursor(Kind.OBJECT, range.last().hex());
      return CycleRun.Outcome.CONTINUES;
    }
    if (counters.get(Counter.PRESENCE_INDEX_BUILD_FAIL) == 0) {
      listedEntries = counters.get(Counter.PRESENCE_INDEX_ENTRIES);
    }
    derivedKeys().write(presence, isOver);
    return CycleRun.Outcome.FINISHED;
  }

  /** The same steps as lines, without taking them. */
  void plan(Consumer<String> sink) {
    Presence presence;
    do {
      range = listings.nextRange();
      presence = listings.presence(range, () -> true);
      Planner planner = planner(presence, new LossLedger(ports.catalog()), RecentKeys.none());
      Sources sources = new Sources(inventory, gitInventory, presence, ports.peers());
      for (Kind kind : Kind.values()) {
        plan(
            kind,
            planner,
            presence,
            steps -> sources.named(steps).forEach(step -> sink.accept(step.toString())));
      }
      if (range.last() != null) {
        tracker.cursor(Kind.OBJECT, range.last().hex());
      }
    } while (range.last() != null);
    derivedKeys().plan(presence, sink);
  }

  private DerivedKeys derivedKeys() {
    return new DerivedKeys(ports, gitInventory, tracker);
  }

  private void plan(Kind kind, Planner planner, Presence presence, Consumer<List<Step>> sink) {
    List<Inventory.Item> batch;
    do {
      batch = page(kind);
      Set<String> turn = scrub.turn(kind, tracker.cursor(kind), batch);
      Planner.Plan plan = planner.plan(kind, batch, turn);
      add(plan);
      sink.accept(plan.steps());
      scrubbed(kind, batch, turn, plan.steps());
      done(kind, batch, presence, ports.ticker().getAsLong());
    } while (batch.size() == options.batch());
  }

  private void add(Planner.Plan plan) {
    counters.addAll(plan.counters());
    tracker.addContent(plan.contentBytes());
  }

  /** Without any progress another invocation would come no further. */
  private CycleRun.Outcome shortOfTime() {
    if (isFurther) {
      return CycleRun.Outcome.CONTINUES;
    }
    tracker.aborted("an invocation was too short for one batch; give the function more time");
    return CycleRun.Outcome.ABORTED;
  }

  private Planner planner(Presence presence, LossLedger ledger, RecentKeys recent) {
    Instant now = ports.clock().instant();
    Instant keptSince =
        options.bundlesExpireAfter().isZero()
            ? Instant.EPOCH
            : now.minus(options.bundlesExpireAfter());
    return new Planner(
        presence,
        ports.store(),
        recent,
        ledger,
        tracker.isCleanup(),
        new Planner.Settings(
            state.lost() > 0, peers, mayDelete(presence), keptSince, surplusBefore(), now));
  }

  /** Not in a cycle of which any listing was not to be believed. */
  private boolean mayDelete(Presence presence) {
    return presence.isListed() && counters.get(Counter.PRESENCE_INDEX_BUILD_FAIL) == 0;
  }

  /** What came since this cycle began stays in any case. */
  private Instant surplusBefore() {
    return tracker.startedAt().minus(options.surplusAfter());
  }

  private BundleRecovery recovery(Presence presence) {
    Intake.Ports intakes =
        new Intake.Ports(ports.catalog(), ports.store(), ports.clock(), ports.limits());
    return new BundleRecovery(
        intakes, ports.reader(), inventory, presence, peers, attempts, counters);
  }

  private RecentKeys recent(Presence presence) {
    return presence instanceof PresenceIndex index
        ? RecentKeys.of(ports.recent(), index.listing().startedAt())
        : RecentKeys.none();
  }

  private List<Inventory.Item> page(Kind kind) {
    String after = tracker.cursor(kind);
    return switch (kind) {
      case BUNDLE -> inventory.bundles(after, options.batch());
      case PACK -> inventory.packs(after, options.batch());
      case GIT -> gitInventory.files(after, options.batch());
      case OBJECT -> inventory.objects(after, range.last(), options.batch());
    };
  }

  private void scrubbed(Kind kind, List<Inventory.Item> batch, Set<String> turn, List<Step> steps) {
    boolean isRange = kind == Kind.OBJECT && range.last() != null;
    boolean isLast = batch.size() < options.batch() && !isRange;
    scrub.done(kind, tracker.cursor(kind), batch, turn, steps, isLast);
  }

  private void done(Kind kind, List<Inventory.Item> batch, Presence presence, long started) {
    boolean isLast = batch.size() < options.batch();
    if (kind == Kind.OBJECT && tracker.isCleanup()) {
      surplus(batch, isLast, presence);
    }
    if (!batch.isEmpty()) {
      tracker.cursor(kind, batch.getLast().cursor());
    }
    tracker.spent(Duration.ofNanos(ports.ticker().getAsLong() - started));
    tracker.updated(ports.clock().instant());
  }

  /** What lies between the rows of a batch in the listing: the catalog does not know it. */
  private void surplus(List<Inventory.Item> batch, boolean isLast, Presence presence) {
    if (!(presence instanceof PresenceIndex index) || (batch.isEmpty() && !isLast)) {
      return;
    }
    Set<ContentId> known = new HashSet<>();
    batch.forEach(item -> known.add(item.id()));
    Instant old = index.listing().startedAt().minus(SURPLUS_AGE);
    String after = tracker.cursor(Kind.OBJECT);
    index.objectsBetween(
        after.isEmpty() ? null : ContentId.parse(after),
        isLast ? null : batch.getLast().id(),
        (id, facts) -> {
          if (!known.contains(id) && facts.lastModified().isBefore(old)) {
            counters.add(Counter.SURPLUS_OBJECTS);
            counters.add(Counter.SURPLUS_BYTES, facts.size());
          }
        });
  }
}
