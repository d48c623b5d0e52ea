package dev.sheaf.repository;

import dev.sheaf.bundle.Pending;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Moves branches and git refs of one repository, inside a transaction that holds the repository's
 * lock (see {@link #lock}), so that a check and the move that it allows are one step.
 */
public final class BranchMoves {
  private final Catalog transaction;
  private final String repoId;

  private BranchMoves(Catalog transaction, String repoId) {
    this.transaction = transaction;
    this.repoId = repoId;
  }

  /** Locks a repository until the transaction ends: one writer of history or branches at a time. */
  public static BranchMoves lock(Catalog transaction, String repoId) {
    return new BranchMoves(transaction, repoId);
  }

  /** When a branch that exists may be given another head. A new branch may have any head. */
  public sealed interface Rule {
    /** Always. */
    record Force() implements Rule {}

    /**
     * When the present head is an ancestor of the new one, through commits that are about to be
     * written and on through those of the repository.
     *
     * @param commits the commits of the bundle at hand
     */
    record FastForward(Collection<Commit> commits) implements Rule {}

    /**
     * When the present head is the one that the client built on, for a bundle that nobody has read
     * yet.
     *
     * @param heads branch to the head that the client built on
     */
    record Expected(Map<String, String> heads) implements Rule {}
  }

  /**
   * A move that its rule does not allow.
   *
   * @param ref the branch, or the full name of a tag
   * @param present where it points
   * @param wanted where it was to point
   */
  public record Rejection(String ref, String present, String wanted) {}

  /**
   * What a call did.
   *
   * @param moved branches that have a new head now
   * @param previous the heads of those before; a branch that is new is absent
   * @param rejected moves that were not allowed; everything else took place
   */
  public record Outcome(
      SortedMap<String, String> moved, Map<String, String> previous, List<Rejection> rejected) {}

  /**
   * Gives branches new heads where the rule allows it. The first push of a repository also sets its
   * default branch.
   *
   * @param wanted branch to new head; a branch that has it already counts as neither moved nor
   *     rejected
   */
  public Outcome move(Map<String, String> wanted, Rule rule, Instant now) {
    return Pending.value(transaction, repoId);
  }

  /**
   * Keeps the git refs of a push. Branches' entries are replaced, new tags added; a tag that exists
   * moves only when forced; HEAD is kept as it was first set, which also decides the default
   * branch.
   *
   * @return tags that would have moved
   */
  public List<Rejection> keepGitRefs(@Nullable GitRefs refs, boolean force, Instant now) {
    return Pending.value();
  }
}
