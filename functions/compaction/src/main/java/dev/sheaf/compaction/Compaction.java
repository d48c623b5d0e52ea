package dev.sheaf.compaction;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.CompactionReport;
import dev.sheaf.journal.Compactor;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.ListedNamespace;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Survey;
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
import org.jspecify.annotations.Nullable;

/**
 * Goes through all namespaces of a bucket, as far as the time allows, then sorts what functions
 * have noted as present into its ranges. One listing shows all that has changed since the last time
 * in this process; nothing else is asked where nothing has.
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
  private volatile @Nullable Sorted lastSorted;

  /** The site's journal when its keys were last sorted, and when there will be some to sort. */
  private record Sorted(ListedNamespace site, Optional<Instant> next) {}

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
        compactor.survey().namespaces(), listed -> compactorOf(listed.namespace()).plan(listed));
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
    Survey survey = within(left(remainingMillis), compactor::survey);
    for (ListedNamespace listed : survey.namespaces()) {
      Duration left = left(remainingMillis);
      if (left.isPositive()) {
        reports.add(within(left, () -> compactorOf(listed.namespace()).compact(listed)));
      } else {
        skipped.add(listed.namespace()); // the next run finds those before it small
      }
    }
    CompactionRun.Sorting sorting =
        survey.namespaces().stream()
            .filter(listed -> listed.namespace().equals(SiteJournal.NAMESPACE))
            .filter(this::mayHaveKeysToSort)
            .findAny()
            .map(site -> sort(site, left(remainingMillis)))
            .orElse(CompactionRun.Sorting.NONE);
    return new CompactionRun(survey.requests(), reports, skipped, sorting);
  }

  /** Not while nobody has written since they were sorted last, and none has become old enough. */
  private boolean mayHaveKeysToSort(ListedNamespace site) {
    Sorted last = lastSorted;
    return last == null
        || !last.site.isAsIn(site)
        || last.next.filter(due -> !clock.instant().isBefore(due)).isPresent();
  }

  private static Duration left(IntSupplier remainingMillis) {
    return Duration.ofMillis(remainingMillis.getAsInt()).minus(MARGIN);
  }

  private CompactionRun.Sorting sort(ListedNamespace site, Duration left) {
    if (!left.isPositive()) {
      return CompactionRun.Sorting.NONE;
    }
    try {
      KnownPresent.Sorted sorted = within(left, () -> present.sort(clock.instant()));
      lastSorted = new Sorted(site, sorted.next());
      return new CompactionRun.Sorting(sorted, Optional.empty());
    } catch (SheafException e) {
      return new CompactionRun.Sorting(KnownPresent.Sorted.NOTHING, Optional.of(e));
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
