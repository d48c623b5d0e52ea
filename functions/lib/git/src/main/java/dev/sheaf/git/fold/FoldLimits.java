package dev.sheaf.git.fold;

import java.time.Duration;

/**
 * When and how packs are folded.
 *
 * @param ratio each pack is at least so many times as large as the next smaller one
 * @param smallBytes packs below are taken for as large as this: that many tiny ones become one
 * @param tempBytes temp space; a fold's packs and what they become must fit together
 * @param objects the most objects that fit into memory
 * @param fullFromBytes a repository without a bitmap is folded as a whole from this size on
 * @param unreachableFor how long an object that no ref reaches is kept
 */
public record FoldLimits(
    int ratio,
    long smallBytes,
    long tempBytes,
    long objects,
    long fullFromBytes,
    Duration unreachableFor) {
  private static final int HEAP_PER_OBJECT = 400;

  public FoldLimits {
    if (ratio < 2 || smallBytes < 1 || unreachableFor.isNegative()) {
      throw new IllegalArgumentException("packs would be folded again and again");
    }
  }

  /** What fits a process with so much memory and temp space. */
  public static FoldLimits of(long heapBytes, long tempBytes) {
    return new FoldLimits(
        2, 64 << 10, tempBytes, heapBytes / 2 / HEAP_PER_OBJECT, 8L << 20, Duration.ofDays(14));
  }
}
