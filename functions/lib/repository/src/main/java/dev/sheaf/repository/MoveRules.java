package dev.sheaf.repository;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.repository.history.Descent;
import dev.sheaf.repository.history.Reach;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Decides by its rule which branches a push may move. */
final class MoveRules {
  private final Descent descent;
  private final long mover;
  private final long firstMover;

  /**
   * @param mover the seq of the push's job
   * @param firstMover that of the first job of its bundle: what was moved later is not undone
   */
  MoveRules(Descent descent, long mover, long firstMover) {
    this.descent = descent;
    this.mover = mover;
    this.firstMover = firstMover;
  }

  /** Those branches whose step from where they are to the new head is allowed. */
  Set<String> allowed(
      BranchMoves.Rule rule, Map<String, Reach> steps, Map<String, BranchState.Place> present) {
    Set<String> allowed = new HashSet<>();
    switch (rule) {
      case BranchMoves.Rule.Force(Map<String, String> expected) ->
          steps.forEach((branch, step) -> {
            String known = expected.get(branch);
            boolean isKnown =
                known == null
                    ? of(present, branch).mover() <= firstMover
                    : known.equals(step.ancestor());
            if (isKnown) {
              allowed.add(branch);
            }
          });
      case BranchMoves.Rule.Expected(Map<String, String> expected) ->
          steps.forEach((branch, step) -> {
            String known = expected.get(branch);
            if (known == null) {
              throw new UndecidedException(branch, step.ancestor());
            }
            if (known.equals(step.ancestor())) {
              allowed.add(branch);
            }
          });
      case BranchMoves.Rule.FastForward(Collection<Commit> commits) ->
          allowed.addAll(descent.of(steps, commits));
      case BranchMoves.Rule.Owed(Map<String, String> previous, Collection<Commit> commits) -> {
        Map<String, Reach> since = new HashMap<>();
        steps.forEach((branch, step) -> {
          String before = previous.get(branch);
          boolean isUntouched =
              step.ancestor().equals(before) && of(present, branch).mover() <= mover;
          if (isUntouched) {
            allowed.add(branch);
          } else if (before != null) {
            since.put(branch, new Reach(step.ancestor(), before));
          }
        });
        Set<String> grown = descent.of(since, commits);
        Map<String, Reach> onwards = new HashMap<>(steps);
        onwards.keySet().retainAll(grown);
        allowed.addAll(descent.of(onwards, commits));
        // Pushes since then hold it already.
        Map<String, Reach> contained = new HashMap<>();
        grown.forEach(branch -> contained.put(branch, of(steps, branch).reversed()));
        steps.keySet().removeAll(descent.of(contained, commits));
      }
    }
    allowed.retainAll(steps.keySet());
    return allowed;
  }

  private static <T> T of(Map<String, T> byBranch, String branch) {
    return Objects.requireNonNull(byBranch.get(branch), branch);
  }
}
