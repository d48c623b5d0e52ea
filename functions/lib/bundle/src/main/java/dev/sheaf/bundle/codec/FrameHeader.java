package dev.sheaf.bundle.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a zstd frame says about itself (RFC 8878 section 3.1.1.1). zstd does not hold every frame to
 * it: the window goes unchecked where a frame fits the output at once, the content's size where the
 * last block is empty.
 *
 * @param windowBytes the window that it asks for; of a single segment, its whole content
 * @param contentBytes the size that it announces; {@link #UNKNOWN} when it does not
 */
record FrameHeader(long windowBytes, long contentBytes) {
  /** Enough for every header: magic number, descriptor, window, dictionary, content size. */
  static final int MAX_BYTES = 18;

  static final long UNKNOWN = -1;

  /** Skippable frames, what is no frame, and a header that is cut short: zstd sees to those. */
  static final FrameHeader NONE = new FrameHeader(0, UNKNOWN);

  private static final int MAGIC = 0xfd2fb528;
  private static final int SINGLE_SEGMENT = 0x20;
  private static final int[] DICTIONARY_LENGTH = {0, 1, 2, 4};
  private static final int[] SIZE_LENGTH = {0, 2, 4, 8};

  /**
   * Reads a header.
   *
   * @param frame stands at the header, and is not moved
   */
  static FrameHeader of(ByteBuffer frame) {
    ByteBuffer header = frame.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (header.remaining() < 6 || header.getInt() != MAGIC) {
      return NONE;
    }
    int descriptor = header.get() & 0xff;
    boolean isSingle = (descriptor & SINGLE_SEGMENT) != 0;
    long window = isSingle ? 0 : window(header.get() & 0xff);
    int size = isSingle && descriptor >> 6 == 0 ? 1 : SIZE_LENGTH[descriptor >> 6];
    int dictionary = DICTIONARY_LENGTH[descriptor & 3];
    if (header.remaining() < dictionary + size) {
      return NONE;
    }
    long content = content(header.position(header.position() + dictionary), size);
    return new FrameHeader(isSingle ? content : window, content);
  }

  private static long window(int descriptor) {
    long base = 1L << (10 + (descriptor >> 3));
    return base + base / 8 * (descriptor & 7);
  }

  private static long content(ByteBuffer header, int length) {
    return switch (length) {
      case 0 -> UNKNOWN;
      case 1 -> header.get() & 0xffL;
      case 2 -> (header.getShort() & 0xffffL) + 256;
      case 4 -> header.getInt() & 0xffffffffL;
      // Beyond 63 bits it is beyond every limit as well.
      default -> header.getLong() & Long.MAX_VALUE;
    };
  }
}
