package dev.sheaf.compaction;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.CompactionReport;
import dev.sheaf.journal.Compactor;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.journal.site.SiteJournal;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;

/**
 * Goes through all namespaces of a bucket, as far as the time allows, then sorts what functions
 * have noted as present into its ranges.
 */
final class Compaction {
  /** No namespace is begun with less time than this; requests stop this long before the end. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  /** The site's own journals are read by people who wait: few segments are left there. */
  private static final int SITE_SEGMENTS = 8;

  private final Compactor compactor;
  private final Compactor siteCompactor;
  private final KnownPresent present;
  private final InstantSource clock;

  Compaction(ObjectStore bucket, JournalOptions options, InstantSource clock) {
    this.compactor = new Compactor(bucket, options);
    int threshold = Math.min(SITE_SEGMENTS, options.segmentThreshold());
    this.siteCompactor =
        new Compactor(bucket, options.withThresholds(threshold, options.ageThreshold()));
    this.present = new KnownPresent(bucket, options);
    this.clock = clock;
  }

  /** What would be done now, as the function's answer. Writes nothing. */
  Map<String, Object> plan() {
    return PlanReport.of(
        compactor.namespaces(), namespace -> compactorOf(namespace).plan(namespace));
  }

  private Compactor compactorOf(Namespace namespace) {
    boolean own = namespace.equals(SiteJournal.NAMESPACE) || KnownPresent.keeps(namespace);
    return own ? siteCompactor : compactor;
  }

  /**
   * Compacts every namespace.
   *
   * @param remainingMillis the time that is left, asked again before each namespace
   */
  CompactionRun run(IntSupplier remainingMillis) {
    List<CompactionReport> reports = new ArrayList<>();
    List<Namespace> skipped = new ArrayList<>();
    List<Namespace> namespaces = compactor.namespaces();
    for (Namespace namespace : namespaces) {
      Duration left = left(remainingMillis);
      if (left.isPositive()) {
        reports.add(within(left, () -> compactorOf(namespace).compact(namespace)));
      } else {
        skipped.add(namespace); // the next run begins with none of them, or finds them small
      }
    }
    CompactionRun.Sorting sorting =
        namespaces.contains(SiteJournal.NAMESPACE)
            ? sort(left(remainingMillis))
            : CompactionRun.Sorting.NONE;
    return new CompactionRun(clock.instant(), reports, skipped, sorting);
  }

  private static Duration left(IntSupplier remainingMillis) {
    return Duration.ofMillis(remainingMillis.getAsInt()).minus(MARGIN);
  }

  private CompactionRun.Sorting sort(Duration left) {
    if (!left.isPositive()) {
      return CompactionRun.Sorting.NONE;
    }
    try {
      KnownPresent.Sorted sorted = within(left, () -> present.sort(clock.instant()));
      return new CompactionRun.Sorting(sorted, Optional.empty());
    } catch (SheafException e) {
      return new CompactionRun.Sorting(new KnownPresent.Sorted(0, 0), Optional.of(e));
    }
  }

  private <T> T within(Duration left, Callable<T> work) {
    Instant end = clock.instant().plus(left);
    try {
      return new Deadline(end, clock).call(work);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "compacting failed: " + e, e);
    }
  }
}
