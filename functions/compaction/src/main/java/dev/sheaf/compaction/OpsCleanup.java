package dev.sheaf.compaction;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.CleanupPlan;
import dev.sheaf.ops.Dormant;
import dev.sheaf.ops.Lease;
import dev.sheaf.ops.OpsAmount;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.Retention;
import dev.sheaf.ops.RetentionFloor;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the operation log small: dormant cleanup once a day and after each deploy, retention as
 * often as it is configured to, each by one runner at a time. When it is due is in the catalog, and
 * remembered here: a catalog that sleeps is not woken only to be told that nothing is.
 */
final class OpsCleanup {
  private static final Logger log = LoggerFactory.getLogger(OpsCleanup.class);

  /** No batch is begun with less time than this. */
  private static final Duration MARGIN = Duration.ofSeconds(50);

  /** A runner that died is waited for no longer. */
  private static final Duration LEASE = Duration.ofMinutes(10);

  private static final Duration A_DAY = Duration.ofDays(1);

  private final Supplier<Catalog> catalog;
  private final OpsOptions options;
  private final List<String> tables;
  private final String version;
  private final InstantSource clock;
  private volatile Instant nextLook = Instant.MIN;

  /**
   * @param catalog asked for when something may be due
   * @param tables the registered ones
   * @param version of the code, as it is deployed
   */
  OpsCleanup(
      Supplier<Catalog> catalog,
      OpsOptions options,
      List<String> tables,
      String version,
      InstantSource clock) {
    this.catalog = catalog;
    this.options = options;
    this.tables = List.copyOf(tables);
    this.version = version;
    this.clock = clock;
  }

  /** What would be deleted now. Writes nothing. */
  CleanupPlan plan() {
    Instant now = clock.instant();
    return new CleanupPlan(dormant().plan(now), retention().plan(now));
  }

  private Dormant dormant() {
    return new Dormant(catalog.get(), tables, options.retention(), retention());
  }

  private Retention retention() {
    return new Retention(catalog.get(), options);
  }

  /**
   * Deletes what is due. Either of the two fails alone: the other one is done all the same.
   *
   * @param runner tells this invocation from all others
   * @param remainingMillis the time that is left, asked again before each batch
   * @return what was done, and why the rest was not
   */
  OpsCleanupRun run(String runner, IntSupplier remainingMillis) {
    Instant now = clock.instant();
    if (now.isBefore(nextLook)) {
      return OpsCleanupRun.NONE;
    }
    BooleanSupplier hasTime = () -> remainingMillis.getAsInt() > MARGIN.toMillis();
    Instant dormantDue = now.plus(A_DAY);
    OpsCleanupRun done = OpsCleanupRun.NONE;
    if (!options.retention().keepsDormant()) {
      Task cleanup = new Task("dormant-cleanup", runner, A_DAY, true);
      done = done.and(cleanup.run(now, hasTime, () -> clean(now, hasTime)));
      dormantDue = cleanup.next;
    }
    Instant retentionDue = now.plus(A_DAY);
    if (options.retention().retention().isPresent()) {
      Task sweep = new Task("retention", runner, options.retention().interval(), false);
      done = done.and(sweep.run(now, hasTime, () -> retire(now, hasTime)));
      retentionDue = sweep.next;
    }
    nextLook = dormantDue.isBefore(retentionDue) ? dormantDue : retentionDue;
    return done;
  }

  private OpsCleanupRun clean(Instant now, BooleanSupplier hasTime) {
    Dormant dormant = dormant();
    return OpsCleanupRun.of(dormant.run(dormant.tables(now), hasTime));
  }

  private OpsCleanupRun retire(Instant now, BooleanSupplier hasTime) {
    Retention retention = retention();
    RetentionFloor floor = retention.floor(now);
    return OpsCleanupRun.of(floor, retention.run(floor, hasTime), held(retention, floor));
  }

  /** What is only told is no reason to fail: it is deleted by then. */
  private static OpsAmount held(Retention retention, RetentionFloor floor) {
    try {
      return retention.held(floor);
    } catch (SheafException e) {
      log.warn("what a peer keeps from being deleted could not be counted: {}", e.getMessage());
      return OpsAmount.NONE;
    }
  }

  /** One of the two, by its row in the catalog. */
  private final class Task {
    private final String name;
    private final Lease lease;
    private final Duration period;
    private final boolean isDueAtOnce;
    private Instant next = Instant.MIN;

    /**
     * @param isDueAtOnce whether it is due when it was never done, and after each deploy; otherwise
     *     its first run comes one period later
     */
    Task(String name, String runner, Duration period, boolean isDueAtOnce) {
      this.name = name;
      this.lease = new Lease(catalog.get(), name, runner);
      this.period = period;
      this.isDueAtOnce = isDueAtOnce;
    }

    OpsCleanupRun run(Instant now, BooleanSupplier hasTime, Supplier<OpsCleanupRun> work) {
      next = now; // whatever comes between, the next run looks again
      try {
        return hasTime.getAsBoolean() ? runIfDue(now, hasTime, work) : OpsCleanupRun.NONE;
      } catch (SheafException e) {
        return OpsCleanupRun.failed(name + ": " + e.getMessage());
      }
    }

    private OpsCleanupRun runIfDue(
        Instant now, BooleanSupplier hasTime, Supplier<OpsCleanupRun> work) {
      Optional<Lease.Done> last = lease.lastDone();
      if (last.filter(done -> !isDue(done, now)).isPresent()) {
        next = last.get().at().plus(period);
        return OpsCleanupRun.NONE;
      }
      if (!lease.take(now, LEASE)) {
        return OpsCleanupRun.NONE;
      }
      OpsCleanupRun run = OpsCleanupRun.NONE;
      if (last.isPresent() || isDueAtOnce) {
        run = work.get();
      }
      if (hasTime.getAsBoolean()) {
        lease.done(now, version);
        next = now.plus(period);
      } else {
        lease.release();
      }
      return run;
    }

    private boolean isDue(Lease.Done last, Instant now) {
      return !now.isBefore(last.at().plus(period))
          || (isDueAtOnce && !last.version().equals(version));
    }
  }
}
