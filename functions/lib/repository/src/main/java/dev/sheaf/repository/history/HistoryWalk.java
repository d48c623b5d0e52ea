package dev.sheaf.repository.history;

import java.util.BitSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * One walk down a history in the order of {@code seq}. Since parents have smaller numbers than
 * their children, whatever could still mark a commit has been passed when the walk gets to it.
 */
final class HistoryWalk {
  private final IntFunction<int[]> parents;
  private final BitSet wanted = new BitSet();
  private final BitSet had = new BitSet();
  private int open;

  /**
   * @param parents gives the parents of a commit; asked for in descending order
   */
  HistoryWalk(IntFunction<int[]> parents) {
    this.parents = parents;
  }

  /** Begins at a commit that is wanted. */
  void want(int seq) {
    if (!wanted.get(seq)) {
      wanted.set(seq);
      open += had.get(seq) ? 0 : 1;
    }
  }

  /** Begins at a commit that is there already, with all its ancestors. */
  void have(int seq) {
    if (!had.get(seq)) {
      had.set(seq);
      open -= wanted.get(seq) ? 1 : 0;
    }
  }

  /**
   * Walks until every wanted commit is decided.
   *
   * @param limit how many commits to return at most, the newest
   */
  CommitSet missing(int limit) {
    IntStream.Builder missing = IntStream.builder();
    int found = 0;
    int seq = Math.max(wanted.length(), had.length()) - 1;
    while (open > 0 && found < limit) {
      boolean isHad = had.get(seq);
      if (wanted.get(seq) && !isHad) {
        missing.add(seq);
        found++;
        open--;
      }
      for (int parent : parents.apply(seq)) {
        if (isHad) {
          have(parent);
        } else {
          want(parent);
        }
      }
      seq = next(seq);
    }
    return CommitSet.of(missing.build());
  }

  /** Walks from the wanted commits until a commit is met or passed. */
  boolean reaches(int target) {
    int seq = wanted.length() - 1;
    while (seq > target) {
      for (int parent : parents.apply(seq)) {
        want(parent);
      }
      seq = next(seq);
    }
    return wanted.get(target);
  }

  /** Walks from the wanted commits to the newest of these that they lead to; -1 if none. */
  int newestOf(CommitSet targets) {
    int oldest = targets.seqs().min().orElse(Integer.MAX_VALUE);
    int seq = wanted.length() - 1;
    while (seq >= oldest && !targets.contains(seq)) {
      for (int parent : parents.apply(seq)) {
        want(parent);
      }
      seq = next(seq);
    }
    return seq >= oldest ? seq : -1;
  }

  private int next(int seq) {
    return Math.max(wanted.previousSetBit(seq - 1), had.previousSetBit(seq - 1));
  }
}
