package dev.sheaf.bundle.codec;

import com.github.luben.zstd.Zstd;

/** What zstd frames say about themselves. */
final class Frames {
  /** The size is not known without inflating. */
  static final long UNKNOWN = -1;

  private Frames() {}

  /** The raw size that a single frame announces; {@link #UNKNOWN} for anything else. */
  static long announcedSize(byte[] frame) {
    // Asked about no bytes at all, zstd-jni throws an IndexOutOfBoundsException.
    boolean isSingle = frame.length > 0 && Zstd.findFrameCompressedSize(frame) == frame.length;
    return isSingle ? Math.max(Zstd.getFrameContentSize(frame), UNKNOWN) : UNKNOWN;
  }
}
