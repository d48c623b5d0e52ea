package dev.sheaf.bundle.codec;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Inflates a stream of one or more zstd frames that ends with the last of them.
 *
 * <p>Throws {@link com.github.luben.zstd.ZstdException} when a frame is corrupt or something else
 * follows it, {@link CutShort} when the last frame is cut short. Windows above zstd's default limit
 * of 2^27 bytes are refused.
 */
final class ZstdInput extends InputStream {
  private static final int CHUNK = 1 << 17;

  private final InputStream in;
  private final ZstdDecompressCtx context;
  private final Buffers buffers;
  private boolean insideFrame = true;

  /** Says that the last frame is incomplete. */
  static final class CutShort extends IOException {
    private static final long serialVersionUID = 1;

    CutShort() {
      super("it is cut short");
    }
  }

  /** Native memory, worth keeping for the next stream. */
  static final class Buffers {
    private final ByteBuffer source = ByteBuffer.allocateDirect(CHUNK);
    private final ByteBuffer target = ByteBuffer.allocateDirect(CHUNK);
    private final byte[] carrier = new byte[CHUNK];
  }

  /**
   * @param context is in its initial state, perhaps with a dictionary; not closed
   */
  ZstdInput(InputStream in, ZstdDecompressCtx context, Buffers buffers) {
    this.in = in;
    this.context = context;
    this.buffers = buffers;
    buffers.source.clear().limit(0);
    buffers.target.clear().limit(0);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    ByteBuffer target = buffers.target;
    while (!target.hasRemaining()) {
      if (!inflate(target)) {
        return -1;
      }
    }
    int step = Math.min(length, target.remaining());
    target.get(bytes, offset, step);
    return step;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Inflates the next chunk; false when the stream has ended where it may. */
  private boolean inflate(ByteBuffer target) throws IOException {
    boolean hasInput = refill(buffers.source);
    if (!hasInput && !insideFrame) {
      return false;
    }
    target.clear();
    insideFrame = !context.decompressDirectByteBufferStream(target, buffers.source);
    target.flip();
    if (!hasInput && insideFrame && !target.hasRemaining()) {
      throw new CutShort();
    }
    return true;
  }

  private boolean refill(ByteBuffer source) throws IOException {
    if (source.hasRemaining()) {
      return true;
    }
    int got = in.read(buffers.carrier);
    if (got > 0) {
      source.clear().put(buffers.carrier, 0, got).flip();
    }
    return got > 0;
  }
}
