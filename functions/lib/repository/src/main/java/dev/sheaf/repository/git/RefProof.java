package dev.sheaf.repository.git;

import dev.sheaf.bundle.RefName;
import dev.sheaf.repository.Epoch;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefMoves;
import dev.sheaf.repository.GitRefWrites;
import dev.sheaf.repository.git.RefResult.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What has become clear about refs that were moved before anybody had read the bundle.
 *
 * @param results one for each ref that was moved
 * @param plan what is proven now
 * @param refused refs that go back
 * @param kept what is proven, and of a time when another site was the home, or this one for the
 *     time before: it is kept beside the refs of the present home
 */
record RefProof(
    List<RefResult> results, RefPlan plan, List<RefName> refused, List<GitRefMoves.Move> kept) {

  /**
   * Decides.
   *
   * @param job the job that was to prove the moves
   * @param present the refs as they are now: one that somebody has moved since is left alone
   * @param home that of the repository
   */
  static RefProof of(
      String job,
      List<GitRefMoves.Move> moves,
      Map<RefName, GitRef> present,
      Judgement judgement,
      Epoch home) {
    boolean isAtomicRefused =
        moves.stream().anyMatch(move -> move.atomic() && fault(move, judgement) != null);
    List<RefResult> results = new ArrayList<>();
    List<RefPlan.Move> proven = new ArrayList<>();
    List<RefName> refused = new ArrayList<>();
    List<GitRefMoves.Move> kept = new ArrayList<>();
    GitHead head = null;
    for (GitRefMoves.Move move : moves) {
      RefName name = move.name();
      Reason fault = fault(move, judgement);
      if (fault == null && move.atomic() && isAtomicRefused) {
        fault = Reason.ATOMIC;
      }
      if (name == null) {
        head = fault == null ? new GitHead.Detached(move.target()) : head;
        continue;
      }
      GitRef now = present.get(name);
      boolean isOurs = now != null && job.equals(now.unprovenBy());
      if (fault != null) {
        refused.add(name);
        results.add(RefResult.rejected(name, fault, isOurs ? null : target(now)));
      } else if (now != null && isOurs) {
        results.add(RefResult.ok(name));
        proven.add(proven(move, name, now, judgement));
      } else {
        results.add(RefResult.unchanged(name));
      }
      if (fault == null && !move.isSuperseded() && !move.epoch().equals(home)) {
        kept.add(move);
      }
    }
    return new RefProof(
        results,
        new RefPlan(results, proven, head, null, Set.of()),
        List.copyOf(refused),
        List.copyOf(kept));
  }

  private static @Nullable ObjectId target(@Nullable GitRef ref) {
    return ref == null ? null : ref.target();
  }

  private static @Nullable Reason fault(GitRefMoves.Move move, Judgement judgement) {
    Judgement.Facts facts = judgement.facts().get(move.target());
    if (facts == null) {
      return Reason.MISSING_OBJECTS;
    }
    RefName name = move.name();
    if ((name == null || name.isBranch()) && !facts.isCommit()) {
      return Reason.NOT_A_COMMIT;
    }
    GitRef previous = move.previous();
    if (name == null || !name.isBranch() || move.forced() || previous == null) {
      return null;
    }
    boolean isForward =
        judgement
            .forward()
            .getOrDefault(new Judgement.Step(previous.target(), move.target()), false);
    return isForward ? null : Reason.NON_FAST_FORWARD;
  }

  private static RefPlan.Move proven(
      GitRefMoves.Move move, RefName name, GitRef now, Judgement judgement) {
    Judgement.Facts facts = judgement.facts().get(move.target());
    GitRef ref = new GitRef(name, move.target(), facts == null ? null : facts.peeled(), null);
    return new RefPlan.Move(
        new RefUpdate(name, new RefUpdate.Expected.Anything(), move.target(), move.forced()),
        GitRefWrites.Change.of(ref),
        now);
  }

  /**
   * What is kept, as changes of refs.
   *
   * @param name under which name
   */
  List<GitRefWrites.Change> keptAs(
      Function<GitRefMoves.Move, @Nullable RefName> name, Judgement judgement) {
    List<GitRefWrites.Change> changes = new ArrayList<>();
    for (GitRefMoves.Move move : kept) {
      RefName as = name.apply(move);
      Judgement.Facts facts = judgement.facts().get(move.target());
      if (as != null && facts != null) {
        changes.add(GitRefWrites.Change.of(new GitRef(as, move.target(), facts.peeled(), null)));
      }
    }
    return changes;
  }

  /** Whether a ref is where the push has moved it, for good. */
  boolean isProven(@Nullable RefName name) {
    return plan.moves().stream().anyMatch(move -> Objects.equals(name, move.change().name()));
  }

  /** Whether nothing of the push can stay. */
  boolean isRefused() {
    return !refused.isEmpty() && refused.size() == results.size();
  }
}
