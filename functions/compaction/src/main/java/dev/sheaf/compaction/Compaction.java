package dev.sheaf.compaction;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.CompactionPlan;
import dev.sheaf.journal.CompactionReport;
import dev.sheaf.journal.Compactor;
import dev.sheaf.journal.Namespace;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** Goes through all namespaces of a bucket, as far as the time allows. */
final class Compaction {
  /** No namespace is begun with less time than this; requests stop this long before the end. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final Compactor compactor;
  private final InstantSource clock;

  Compaction(Compactor compactor, InstantSource clock) {
    this.compactor = compactor;
    this.clock = clock;
  }

  /** What would be done now. Writes nothing. */
  List<CompactionPlan> plan() {
    return compactor.namespaces().stream().map(compactor::plan).toList();
  }

  /**
   * Compacts every namespace.
   *
   * @param remainingMillis the time that is left, asked again before each namespace
   */
  CompactionRun run(IntSupplier remainingMillis) {
    List<CompactionReport> reports = new ArrayList<>();
    List<Namespace> skipped = new ArrayList<>();
    for (Namespace namespace : compactor.namespaces()) {
      Duration left = Duration.ofMillis(remainingMillis.getAsInt()).minus(MARGIN);
      if (left.isPositive()) {
        reports.add(within(left, namespace));
      } else {
        skipped.add(namespace); // the next run begins with none of them, or finds them small
      }
    }
    return new CompactionRun(clock.instant(), reports, skipped);
  }

  private CompactionReport within(Duration left, Namespace namespace) {
    Instant end = clock.instant().plus(left);
    try {
      return new Deadline(end, clock).call(() -> compactor.compact(namespace));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "compacting " + namespace + " failed", e);
    }
  }
}
