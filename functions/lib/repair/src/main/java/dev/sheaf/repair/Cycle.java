package dev.sheaf.repair;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over all that a site is to hold, in as many invocations as it takes. What is wanted is
 * one method; what it takes is in {@link Pass}.
 */
public final class Cycle {
  private static final Logger log = LoggerFactory.getLogger(Cycle.class);

  private final Ports ports;
  private final RepairOptions options;
  private final Progress progress;

  /**
   * What a cycle stands on.
   *
   * @param space what the packs of git repositories may take
   * @param recent keys that functions have noted as written
   * @param queue where a cycle that is not over asks for another invocation; asked for when needed
   * @param ticker a monotonic clock in nanoseconds
   * @param ids names runners
   */
  public record Ports(
      ObjectStore store,
      Catalog catalog,
      BundleReader reader,
      Limits limits,
      PackSpace space,
      KnownPresent recent,
      Peers peers,
      Supplier<JobQueue> queue,
      InstantSource clock,
      LongSupplier ticker,
      Supplier<String> ids) {}

  public Cycle(Ports ports, RepairOptions options, Progress progress) {
    this.ports = ports;
    this.options = options;
    this.progress = progress;
  }

  /**
   * Begins the next cycle, or goes on with the one that is not over.
   *
   * @param continued the cycle to go on with, by its beginning; empty takes what there is
   * @param isShortOfTime whether to leave the rest to another invocation; asked by any thread
   * @throws SheafException when the catalog fails; the cycle is aborted then, and the next run
   *     begins it anew
   */
  public CycleRun run(Optional<Instant> continued, BooleanSupplier isShortOfTime) {
    Lease lease = new Lease(ports.catalog(), ports.ids().get());
    Optional<Lease.State> state = lease.take();
    if (state.isEmpty()) {
      return CycleRun.nothing(CycleRun.Outcome.BUSY);
    }
    Lease.State at = state.get();
    RepairLog trackers = new RepairLog(ports.catalog());
    Optional<RepairTracker> newest = trackers.newest();
    boolean isOpen = newest.filter(cycle -> cycle.finishedAt().isEmpty()).isPresent();
    if (continued.isPresent()
        && !(isOpen && newest.map(RepairTracker::startedAt).equals(continued))) {
      lease.release(at.listedEntries(), at.scrubbed());
      return CycleRun.nothing(CycleRun.Outcome.NOTHING);
    }
    RepairTracker tracker = isOpen ? newest.orElseThrow() : begin(newest);
    tracker.aborted("");
    Map<String, Long> before = tracker.counters().asMap();
    Pass pass = new Pass(ports, options, progress, tracker, at, isShortOfTime);
    CycleRun.Outcome outcome = run(pass, trackers, lease, before);
    if (outcome != CycleRun.Outcome.BUSY) {
      lease.release(pass.listedEntries(), pass.scrubbed());
    }
    if (outcome == CycleRun.Outcome.CONTINUES) {
      ports.queue().get().send(Continuation.of(tracker.startedAt()));
    }
    return new CycleRun(outcome, tracker, before);
  }

  /** A cycle that was aborted is begun anew, not skipped. */
  private RepairTracker begin(Optional<RepairTracker> newest) {
    Instant now = ports.clock().instant();
    return newest
        .map(last -> last.abortedReason().isEmpty() ? last.next(now) : last.again(now))
        .orElseGet(() -> RepairTracker.first(now));
  }

  private CycleRun.Outcome run(
      Pass pass, RepairLog trackers, Lease lease, Map<String, Long> before) {
    RepairTracker tracker = pass.tracker();
    try {
      CycleRun.Outcome outcome = pass.run(() -> trackers.save(tracker, lease));
      tracker.updated(ports.clock().instant());
      if (outcome == CycleRun.Outcome.FINISHED || outcome == CycleRun.Outcome.ABORTED) {
        tracker.finished(ports.clock().instant());
      }
      return outcome == CycleRun.Outcome.BUSY || !trackers.save(tracker, lease)
          ? CycleRun.Outcome.BUSY
          : outcome;
    } catch (SheafException e) {
      abort(pass, trackers, lease, e);
      log.error("{}", new CycleRun(CycleRun.Outcome.ABORTED, tracker, before).logLine());
      throw e;
    }
  }

  /** As far as that is possible: the lease ends by itself, and an open cycle is resumed. */
  private void abort(Pass pass, RepairLog trackers, Lease lease, SheafException failure) {
    try {
      pass.tracker().aborted(String.valueOf(failure.getMessage()));
      pass.tracker().finished(ports.clock().instant());
      trackers.save(pass.tracker(), lease);
      lease.release(pass.listedEntries(), pass.scrubbed());
    } catch (SheafException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Plans what the next cycle would do, and changes nothing: lists, reads rows, asks by HEAD.
   *
   * @param sink takes each step, as a line
   */
  public CycleRun plan(Consumer<String> sink) {
    Lease.State at = new Lease(ports.catalog(), "").look();
    RepairTracker tracker = begin(new RepairLog(ports.catalog()).newest());
    new Pass(ports, options, progress, tracker, at, () -> false).plan(sink);
    return new CycleRun(CycleRun.Outcome.PLANNED, tracker, Map.of());
  }
}
