package dev.sheaf.repository.history;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A set of commits of one repository by their {@code seq}. Parents have smaller numbers than their
 * children, so ascending order is parents first.
 */
public final class CommitSet {
  /** No commits. */
  public static final CommitSet EMPTY = new CommitSet(new int[0]);

  private final int[] ascending;

  private CommitSet(int[] ascending) {
    this.ascending = ascending;
  }

  /** The set of these numbers, in any order. */
  public static CommitSet of(IntStream seqs) {
    return new CommitSet(seqs.sorted().distinct().toArray());
  }

  /** Number of commits. */
  public int size() {
    return ascending.length;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return ascending.length == 0;
  }

  /** Whether a commit is in the set. */
  public boolean contains(int seq) {
    return Arrays.binarySearch(ascending, seq) >= 0;
  }

  /** The numbers, parents first. */
  public IntStream seqs() {
    return Arrays.stream(ascending);
  }

  /** The {@code limit} newest commits. */
  public CommitSet newest(int limit) {
    int from = Math.max(0, ascending.length - limit);
    return new CommitSet(Arrays.copyOfRange(ascending, from, ascending.length));
  }

  /**
   * The set as text of Postgres's type {@code int4multirange}: mostly one range, since histories
   * are numbered as they come.
   */
  String toMultirange() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < ascending.length; i++) {
      int first = ascending[i];
      while (i + 1 < ascending.length && ascending[i + 1] == ascending[i] + 1) {
        i++;
      }
      text.append(text.length() == 1 ? "[" : ",[").append(first).append(',');
      text.append(ascending[i]).append(']');
    }
    return text.append('}').toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CommitSet that && Arrays.equals(ascending, that.ascending);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ascending);
  }

  @Override
  public String toString() {
    return toMultirange();
  }
}
