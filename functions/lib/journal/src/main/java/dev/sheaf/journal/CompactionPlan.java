package dev.sheaf.journal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a compaction would do about one listing; made without a request.
 *
 * <p>A fold must not pass a segment that its listing missed. One that is missing from a single page
 * is younger than everything that is old enough to be folded. But one that is missing from a
 * listing of several pages may be older than its last page by all the time that the listing took. A
 * short time is within the age that is asked for anyway; by the rest candidates must be older.
 *
 * @param listed number of segments in the listing, folded ones included
 * @param candidates names of the segments to fold, in canonical order; old enough and not folded
 * @param leftovers names of segments that a rollup holds already, and that are old enough to delete
 * @param action what the numbers ask for
 * @param mark where the rollup's mark would be after folding all candidates
 */
public record CompactionPlan(
    Namespace namespace,
    int listed,
    List<String> candidates,
    List<String> leftovers,
    Action action,
    Mark mark) {
  /** The share of the age that a listing may take before its candidates have to be older. */
  private static final int FREE_SPREAD = 4;

  /** What the numbers ask for. A fold or a probe happens when two ticks in a row ask for it. */
  public enum Action {
    /** Few segments: nothing to gain. */
    NONE,
    /** Enough old segments: fold them into the rollup. */
    FOLD,
    /** Many segments but too few old ones: advance the store's clock by an empty segment. */
    PROBE
  }

  public CompactionPlan {
    candidates = List.copyOf(candidates);
    leftovers = List.copyOf(leftovers);
  }

  static CompactionPlan of(
      Namespace namespace, NamespaceListing listing, Mark mark, int threshold, Duration age) {
    Duration settled = age.plus(beyond(listing.spread(), age.dividedBy(FREE_SPREAD)));
    List<NamespaceListing.Listed> candidates = new ArrayList<>();
    List<String> leftovers = new ArrayList<>();
    for (NamespaceListing.Listed listed : listing.segments()) {
      Duration old = Duration.between(listed.lastModified(), listing.newest());
      if (listed.coveredBy(mark)) {
        if (old.compareTo(age) >= 0) {
          leftovers.add(listed.name());
        }
      } else if (old.compareTo(settled) >= 0) {
        candidates.add(listed);
      }
    }
    candidates.sort(null);
    int all = listing.segments().size();
    return new CompactionPlan(
        namespace,
        all,
        candidates.stream().map(NamespaceListing.Listed::name).toList(),
        leftovers,
        candidates.size() >= threshold
            ? Action.FOLD
            : all >= threshold ? Action.PROBE : Action.NONE,
        candidates.isEmpty()
            ? mark
            : new Mark(candidates.getLast().lastModified(), candidates.getLast().name()));
  }

  private static Duration beyond(Duration spread, Duration free) {
    return spread.compareTo(free) > 0 ? spread.minus(free) : Duration.ZERO;
  }
}
