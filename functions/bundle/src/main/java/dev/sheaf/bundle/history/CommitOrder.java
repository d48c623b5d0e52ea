package dev.sheaf.bundle.history;

import java.util.Collection;
import java.util.List;

/** Topological order of commits. */
public final class CommitOrder {
  private CommitOrder() {}

  /**
   * Parents before children, otherwise in input order (Kahn's algorithm; of several candidates the
   * one that came first in the input). Parents outside the collection do not count.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when commits form a cycle, naming two
   *     of them
   */
  public static List<Commit> parentsFirst(Collection<Commit> commits) {
    return dev.sheaf.bundle.Pending.value();
  }

  /** The commits that no other commit names as a parent, in input order. */
  public static List<String> heads(Collection<Commit> commits) {
    return dev.sheaf.bundle.Pending.value();
  }

  /**
   * The one head, for the dialect that does not name it.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when there is none or more than one
   */
  public static String onlyHead(Collection<Commit> commits) {
    return dev.sheaf.bundle.Pending.value();
  }
}
