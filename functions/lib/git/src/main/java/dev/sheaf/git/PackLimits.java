package dev.sheaf.git;

/**
 * What a pack may be at most. A pack beyond is refused with TOO_LARGE and the name of the limit.
 *
 * @param packBytes length of the pack, completed by the bases of its deltas; temp space holds it
 * @param objects number of objects
 * @param blobBytes length of one file when inflated, where it stands in the pack whole: it is
 *     hashed as it comes and never in memory
 * @param objectBytes length of any other object when inflated, and of a delta: a delta, its base
 *     and its result are in memory together
 */
public record PackLimits(long packBytes, long objects, long blobBytes, long objectBytes) {
  /** What an object in a pack costs in memory while the pack is parsed, measured. */
  private static final int HEAP_PER_OBJECT = 300;

  public PackLimits {
    if (packBytes < 1 || objects < 1 || blobBytes < 1 || objectBytes < 1) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }

  /**
   * Limits that fit a process. A file may be as long as the pack: one that shrinks to a thousandth
   * would still be hours of work, and fill the disk of whoever checks it out.
   *
   * @param heapBytes how much memory it has
   * @param tempBytes how much temp space a pack and its index may take
   */
  public static PackLimits of(long heapBytes, long tempBytes) {
    long packBytes = tempBytes / 10 * 9;
    return new PackLimits(
        packBytes,
        Math.max(1, heapBytes / 2 / HEAP_PER_OBJECT),
        packBytes,
        Math.min(Integer.MAX_VALUE - 8, Math.max(1, heapBytes / 4)));
  }
}
