package dev.sheaf.repository.intake;

import dev.sheaf.storage.catalog.EncodedSize;
import java.time.Duration;

/**
 * What may be on its way at a time.
 *
 * @param putSlots PUTs in flight
 * @param decoders runs being decoded
 * @param wireBytes bytes of runs that wait to be decoded or are
 * @param rawBytes bytes of objects that wait to be put or are
 * @param progress how much may be stored before it is written down
 */
public record Limits(int putSlots, int decoders, int wireBytes, int rawBytes, Progress progress) {
  private static final int MIB = 1 << 20;

  /** The default, for a number of PUT slots and a heap of some 100 MiB and more. */
  public static Limits of(int putSlots, int processors) {
    return new Limits(putSlots, processors + 1, 24 * MIB, 24 * MIB, Progress.DEFAULT);
  }

  /**
   * What an attempt may lose when its process dies: as soon as one of these is passed, what was
   * stored since is written down, in one statement.
   */
  public record Progress(Duration time, int objects, long bytes) {
    /** Most jobs end before. As many objects as one statement takes. */
    public static final Progress DEFAULT =
        new Progress(Duration.ofSeconds(20), (int) (EncodedSize.BULK_LIMIT / 128), 1_024L * MIB);
  }
}
