package dev.sheaf.repository.merge;

import dev.sheaf.repository.merge.MergeRows.Item;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which bundles become one: neighbours in the order of plans, so that each is at least twice as
 * large as the next younger one. Each byte is copied a number of times that grows with the
 * logarithm of what is there.
 *
 * @param groups what becomes one, oldest first; each of two at least
 */
public record MergePlan(List<List<Item>> groups) {
  /** So few are left alone. */
  static final int FEW = 8;

  /** Smaller ones count as this: a GET takes as long as so many bytes. */
  private static final long LEAST_BYTES = 64 << 10;

  /** No merged bundle becomes larger: it is copied, and a part of it may be wanted again. */
  private static final long MOST_BYTES = 64 << 20;

  private record Group(List<Item> items, long bytes) {
    Group and(Group younger) {
      List<Item> all = new ArrayList<>(items);
      all.addAll(younger.items);
      return new Group(all, bytes + younger.bytes);
    }

    boolean isTwiceAsLargeAs(Group younger) {
      return Math.max(bytes, LEAST_BYTES) >= 2 * Math.max(younger.bytes, LEAST_BYTES);
    }
  }

  public MergePlan {
    groups = groups.stream().map(List::copyOf).toList();
  }

  /**
   * Decides.
   *
   * @param items all bundles of a repository, oldest first
   */
  public static MergePlan of(List<Item> items) {
    return of(items, _ -> true);
  }

  /**
   * Decides where some bundles are not at hand: nothing is merged across them.
   *
   * @param isHere whether a bundle can be read
   */
  static MergePlan of(List<Item> items, Predicate<Item> isHere) {
    if (items.size() <= FEW) {
      return new MergePlan(List.of());
    }
    List<List<Item>> all = new ArrayList<>();
    Deque<Group> groups = new ArrayDeque<>();
    for (Item item : items) {
      if (!isHere.test(item)) {
        all.addAll(several(groups));
        groups.clear();
        continue;
      }
      Group last = new Group(List.of(item), item.sizeBytes());
      while (!groups.isEmpty()
          && !groups.peekLast().isTwiceAsLargeAs(last)
          && groups.peekLast().bytes + last.bytes <= MOST_BYTES) {
        last = groups.removeLast().and(last);
      }
      groups.addLast(last);
    }
    all.addAll(several(groups));
    return new MergePlan(all);
  }

  private static List<List<Item>> several(Deque<Group> groups) {
    return groups.stream().map(Group::items).filter(group -> group.size() > 1).toList();
  }
}
