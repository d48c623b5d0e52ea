package dev.sheaf.repository.git;

import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefWrites;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What a push does to refs.
 *
 * @param results one for each update, in their order
 * @param moves what is written
 * @param head what HEAD becomes; null where it stays
 * @param detachLater where a job is to detach HEAD when it has brought that commit; null for none
 * @param unjudged steps that have to be judged before this plan is one
 */
record RefPlan(
    List<RefResult> results,
    List<Move> moves,
    @Nullable GitHead head,
    @Nullable ObjectId detachLater,
    Set<Judgement.Step> unjudged) {

  /**
   * A ref that changes.
   *
   * @param previous what it was; null when it was not there
   */
  record Move(RefUpdate update, GitRefWrites.Change change, @Nullable GitRef previous) {}

  /** Whether nothing changes. */
  boolean isEmpty() {
    return moves.isEmpty() && head == null && detachLater == null;
  }

  /** Whether a ref points to something now that it did not point to. */
  boolean isBringing() {
    return head instanceof GitHead.Detached
        || moves.stream().anyMatch(move -> move.change().ref() != null);
  }

  List<GitRefWrites.Change> changes() {
    return moves.stream().map(Move::change).toList();
  }

  /** Whether something was asked for, and all of it in vain. */
  boolean isRefused() {
    return isEmpty() && !results.isEmpty() && results.stream().allMatch(RefResult::isRejected);
  }

  List<RefResult> rejected() {
    return results.stream().filter(RefResult::isRejected).toList();
  }
}
