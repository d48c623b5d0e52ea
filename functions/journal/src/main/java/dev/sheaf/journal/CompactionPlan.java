package dev.sheaf.journal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a compaction would do about one listing; made without a request.
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
      Namespace namespace, Listing listing, Mark mark, int threshold, Duration age) {
    List<Listing.Listed> candidates = new ArrayList<>();
    List<String> leftovers = new ArrayList<>();
    for (Listing.Listed listed : listing.segments()) {
      if (Duration.between(listed.lastModified(), listing.newest()).compareTo(age) < 0) {
        continue;
      }
      if (listed.coveredBy(mark)) {
        leftovers.add(listed.name());
      } else {
        candidates.add(listed);
      }
    }
    candidates.sort(null);
    int all = listing.segments().size();
    return new CompactionPlan(
        namespace,
        all,
        candidates.stream().map(Listing.Listed::name).toList(),
        leftovers,
        candidates.size() >= threshold
            ? Action.FOLD
            : all >= threshold ? Action.PROBE : Action.NONE,
        candidates.isEmpty()
            ? mark
            : new Mark(candidates.getLast().lastModified(), candidates.getLast().name()));
  }
}
