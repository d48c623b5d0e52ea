package dev.sheaf.bundle.codec;

import java.util.concurrent.Semaphore;

/**
 * The memory outside the heap that decoders use for large windows. A frame of a few bytes may ask
 * for 128 MiB and, being compressible, really fill them: as many frames as there are threads would
 * together need more than a function has. So large windows share a fixed amount, and frames wait
 * for one another. Usual windows are too small to be counted.
 */
final class NativeWindows {
  /** Windows up to this size are free: level 19 of zstd makes no larger ones. */
  static final long FREE_BYTES = 8L << 20;

  private static final int MIB = 1 << 20;
  private static final int SHARED_MIB = 256;
  private static final Semaphore SHARED = new Semaphore(SHARED_MIB, true);

  private NativeWindows() {}

  /** Takes room for a window, waiting for it if need be; gives what is to be given back. */
  static int take(long windowBytes) {
    if (windowBytes <= FREE_BYTES) {
      return 0;
    }
    int mib = (int) Math.min(SHARED_MIB, (windowBytes + MIB - 1) / MIB);
    SHARED.acquireUninterruptibly(mib);
    return mib;
  }

  static void giveBack(int mib) {
    SHARED.release(mib);
  }
}
