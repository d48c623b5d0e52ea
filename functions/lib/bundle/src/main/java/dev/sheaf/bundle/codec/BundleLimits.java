package dev.sheaf.bundle.codec;

/**
 * What a reader accepts (bundle.md sections 1 and 11). Passing one is an error that names the limit
 * as it is called here. Sizes are in bytes.
 *
 * @param commits commits a bundle
 * @param snapshots snapshots a bundle
 * @param objects objects a bundle
 * @param objectBytes wire size of one object
 * @param inflatedBytes size of one object that travels compressed, whatever its ratio: 2 MiB of
 *     zeros are 82 bytes of honest zstd
 * @param inflatedRatio all compressed objects of a bundle together may inflate to this multiple of
 *     what was read of the bundle, plus {@code inflatedSlackBytes}
 * @param inflatedSlackBytes see {@code inflatedRatio}
 * @param memoryBytes an object above this size, wire or raw, goes to a file
 * @param recordBytes size of one snapshot, of the meta map, or of the branch heads, inflated
 * @param commitBytes size of one commit or tag, inflated
 * @param historyBytes all of these together, which are held in memory: a bundle of some megabytes
 *     may well inflate to more
 * @param pathBytes UTF-8 length of a path
 * @param messageBytes UTF-8 length of a commit message
 * @param idLength characters of a commit or snapshot id
 * @param nesting depth of nested maps and lists
 */
public record BundleLimits(
    long commits,
    long snapshots,
    long objects,
    long objectBytes,
    long inflatedBytes,
    int inflatedRatio,
    long inflatedSlackBytes,
    int memoryBytes,
    int recordBytes,
    int commitBytes,
    long historyBytes,
    int pathBytes,
    int messageBytes,
    int idLength,
    int nesting) {
  private static final int MIB = 1 << 20;

  /** The limits that Sheaf documents. */
  public static final BundleLimits DEFAULT =
      new BundleLimits(
          10_000_000,
          10_000_000,
          10_000_000,
          5L << 30,
          256L * MIB,
          64,
          1024L * MIB,
          8 * MIB,
          256 * MIB,
          16 * MIB,
          512L * MIB,
          4096,
          MIB,
          128,
          64);
}
