package dev.sheaf.git.fold;

import dev.sheaf.git.StoredPack;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is to become of a repository's packs, and why.
 *
 * @param kind how they are folded
 * @param steps one for each pack
 */
public record FoldPlan(Kind kind, List<Step> steps) {
  /** How packs are folded. */
  public enum Kind {
    /** Not at all. */
    NOTHING,
    /** The smaller ones become one, of all their objects. */
    GEOMETRIC,
    /**
     * All become one of what refs reach, with a bitmap; the rest goes into a pack of its own, and
     * is dropped when it has been in one for long enough.
     */
    FULL
  }

  /** What becomes of a pack. */
  public enum Action {
    /** Its objects go into a new pack, and it is retired. */
    FOLD,
    /** It stays. */
    KEEP
  }

  /** A pack, what becomes of it and why, for people. */
  public record Step(PackFacts facts, Action action, String reason) {
    /** The pack itself. */
    public StoredPack pack() {
      return facts.pack();
    }
  }

  public FoldPlan {
    steps = List.copyOf(steps);
  }

  /** The packs that are retired when the plan is carried out. */
  public List<StoredPack> folded() {
    return steps.stream().filter(step -> step.action() == Action.FOLD).map(Step::pack).toList();
  }

  /** The packs of one kind that become another's part, or stay. */
  List<StoredPack> packs(Action action, boolean unreachable) {
    return steps.stream()
        .filter(step -> step.action() == action && step.facts().isUnreachable() == unreachable)
        .map(Step::pack)
        .toList();
  }

  /** Decides by sizes and ages alone; nothing is read. */
  public static FoldPlan of(List<PackFacts> packs, FoldLimits limits, Instant now) {
    List<PackFacts> live = packs.stream().filter(pack -> !pack.isUnreachable()).toList();
    List<PackFacts> expired =
        packs.stream()
            .filter(PackFacts::isUnreachable)
            .filter(pack -> !pack.since().plus(limits.unreachableFor()).isAfter(now))
            .toList();
    boolean fits = fits(packs, limits);
    int small = small(live, limits);
    if (fits && wantsFull(live, small, limits, expired)) {
      return full(packs, expired, limits);
    }
    return geometric(packs, live, small, limits);
  }

  /** What can be done where nobody can walk what refs reach: packs become few all the same. */
  public static FoldPlan withoutWalk(List<PackFacts> packs, FoldLimits limits) {
    List<PackFacts> live = packs.stream().filter(pack -> !pack.isUnreachable()).toList();
    return geometric(packs, live, small(live, limits), limits);
  }

  private static boolean wantsFull(
      List<PackFacts> live, int small, FoldLimits limits, List<PackFacts> expired) {
    boolean bitmap = live.stream().anyMatch(pack -> pack.pack().bitmapBytes() > 0);
    boolean large = live.stream().mapToLong(PackFacts::bytes).sum() >= limits.fullFromBytes();
    return !expired.isEmpty() || (small > 1 && small == live.size()) || (large && !bitmap);
  }

  private static FoldPlan full(List<PackFacts> packs, List<PackFacts> expired, FoldLimits limits) {
    List<Step> steps = new ArrayList<>();
    for (PackFacts pack : packs) {
      if (!pack.isUnreachable()) {
        steps.add(fold(pack, "all that refs reach becomes one pack with a bitmap"));
      } else if (expired.contains(pack)) {
        steps.add(
            fold(
                pack,
                "what is in it and still reached by no ref has been so since %s, %d days or more"
                    .formatted(pack.since(), limits.unreachableFor().toDays())));
      } else {
        steps.add(unreachable(pack, limits));
      }
    }
    return new FoldPlan(Kind.FULL, steps);
  }

  private static FoldPlan geometric(
      List<PackFacts> packs, List<PackFacts> live, int small, FoldLimits limits) {
    List<PackFacts> ascending = ascending(live);
    List<PackFacts> folded = fitting(ascending.subList(0, small), limits);
    List<Step> steps = new ArrayList<>();
    for (PackFacts pack : packs) {
      if (pack.isUnreachable()) {
        steps.add(unreachable(pack, limits));
      } else if (folded.size() > 1 && folded.contains(pack)) {
        steps.add(fold(pack, "smaller than %d times what is smaller".formatted(limits.ratio())));
      } else if (ascending.indexOf(pack) < small && small > 1) {
        steps.add(
            keep(
                pack,
                "with it the fold would not fit into %d bytes of temp space or %d objects of memory"
                    .formatted(limits.tempBytes(), limits.objects())));
      } else {
        steps.add(keep(pack, "large enough beside all that are smaller"));
      }
    }
    return new FoldPlan(folded.size() > 1 ? Kind.GEOMETRIC : Kind.NOTHING, steps);
  }

  /**
   * How many of the smallest packs are to become one, so that afterwards each pack is at least so
   * many times as large as the next smaller one; 0 for none.
   */
  private static int small(List<PackFacts> live, FoldLimits limits) {
    List<PackFacts> ascending = ascending(live);
    int split = 0;
    for (int i = ascending.size() - 1; i > 0; i--) {
      if (size(ascending.get(i), limits) < limits.ratio() * size(ascending.get(i - 1), limits)) {
        split = i + 1;
        break;
      }
    }
    long sum = ascending.subList(0, split).stream().mapToLong(PackFacts::bytes).sum();
    while (split > 0
        && split < ascending.size()
        && size(ascending.get(split), limits) < limits.ratio() * sum) {
      sum += ascending.get(split).bytes();
      split++;
    }
    return split;
  }

  private static long size(PackFacts pack, FoldLimits limits) {
    return Math.max(limits.smallBytes(), pack.bytes());
  }

  private static List<PackFacts> ascending(List<PackFacts> packs) {
    return packs.stream()
        .sorted(
            Comparator.comparingLong(PackFacts::bytes).thenComparing(pack -> pack.pack().name()))
        .toList();
  }

  /** As many of the smallest as temp space holds beside what they become. */
  private static List<PackFacts> fitting(List<PackFacts> ascending, FoldLimits limits) {
    int count = ascending.size();
    while (count > 0 && !fits(ascending.subList(0, count), limits)) {
      count--;
    }
    return ascending.subList(0, count);
  }

  private static boolean fits(List<PackFacts> packs, FoldLimits limits) {
    long bytes = packs.stream().mapToLong(PackFacts::bytes).sum();
    long objects = packs.stream().mapToLong(pack -> pack.pack().objects()).sum();
    return 2 * bytes <= limits.tempBytes() && objects <= limits.objects();
  }

  private static Step fold(PackFacts pack, String reason) {
    return new Step(pack, Action.FOLD, reason);
  }

  private static Step keep(PackFacts pack, String reason) {
    return new Step(pack, Action.KEEP, reason);
  }

  private static Step unreachable(PackFacts pack, FoldLimits limits) {
    return keep(
        pack,
        "what no ref reached at %s is kept until %s"
            .formatted(pack.since(), pack.since().plus(limits.unreachableFor())));
  }
}
