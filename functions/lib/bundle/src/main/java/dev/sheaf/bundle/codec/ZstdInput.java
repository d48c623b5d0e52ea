package dev.sheaf.bundle.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Inflates a stream of one or more zstd frames that ends with the last of them.
 *
 * <p>Throws {@link ZstdException} when a frame is corrupt, asks for a window above {@link
 * #MAX_WINDOW_BYTES}, holds more or less than it announces, or when something else follows it;
 * {@link CutShort} when the last frame is cut short.
 */
final class ZstdInput extends InputStream {
  /** What zstd refuses by default, wherever it looks at the window at all. */
  static final long MAX_WINDOW_BYTES = 1L << 27;

  private final InputStream in;
  private final ZstdDecompressCtx context;
  private final ByteBuffer source;
  private final FrameStart frameStart;
  private FrameHeader frame = FrameHeader.NONE;
  private long frameBytes;
  private boolean insideFrame;
  private boolean hasBegun;
  private boolean isDrained;

  /** Told the window of each frame before a byte of it is inflated. */
  @FunctionalInterface
  interface FrameStart {
    void window(long bytes);
  }

  /** Says that the last frame is incomplete. */
  static final class CutShort extends IOException {
    private static final long serialVersionUID = 1;

    CutShort() {
      super("it is cut short");
    }
  }

  /**
   * @param context is in its initial state, perhaps with a dictionary; not closed
   * @param buffer is used while the stream is
   */
  ZstdInput(InputStream in, ZstdDecompressCtx context, byte[] buffer, FrameStart frameStart) {
    this.in = in;
    this.context = context;
    this.source = ByteBuffer.wrap(buffer).limit(0);
    this.frameStart = frameStart;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer target = ByteBuffer.wrap(bytes, offset, length);
    while (target.hasRemaining()) {
      if (!insideFrame && !beginFrame()) {
        return -1;
      }
      boolean hasInput = refill(1);
      insideFrame = !context.decompressByteBufferStream(target, source);
      int produced = target.position() - offset;
      checkSize(produced);
      if (produced > 0) {
        return produced;
      }
      if (!hasInput && insideFrame) {
        throw new CutShort();
      }
    }
    return 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Looks at the header of the next frame; false when there is none. */
  private boolean beginFrame() throws IOException {
    if (!refill(FrameHeader.MAX_BYTES) && !source.hasRemaining()) {
      if (hasBegun) {
        return false;
      }
      throw new CutShort();
    }
    frame = FrameHeader.of(source);
    if (frame.windowBytes() > MAX_WINDOW_BYTES) {
      throw new ZstdException(
          Zstd.errFrameParameterWindowTooLarge(),
          "a frame asks for a window of %d bytes; the limit is %d"
              .formatted(frame.windowBytes(), MAX_WINDOW_BYTES));
    }
    frameStart.window(frame.windowBytes());
    frameBytes = 0;
    hasBegun = true;
    insideFrame = true;
    return true;
  }

  private void checkSize(int produced) {
    frameBytes += produced;
    long announced = frame.contentBytes();
    if (announced != FrameHeader.UNKNOWN
        && (frameBytes > announced || (!insideFrame && frameBytes < announced))) {
      throw new ZstdException(
          Zstd.errCorruptionDetected(),
          "a frame announces %d bytes and holds %s"
              .formatted(announced, insideFrame ? "more" : Long.toString(frameBytes)));
    }
  }

  /** Makes so many bytes available; false when there are not that many. */
  private boolean refill(int wanted) throws IOException {
    while (source.remaining() < wanted && !isDrained) {
      source.compact();
      int got = in.read(source.array(), source.position(), source.remaining());
      isDrained = got < 0;
      source.position(source.position() + Math.max(got, 0)).flip();
    }
    return source.remaining() >= wanted;
  }
}
