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
  private final InputStream in;
  private final ZstdDecompressCtx context;
  private final ByteBuffer source;
  private boolean insideFrame = true;

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
  ZstdInput(InputStream in, ZstdDecompressCtx context, byte[] buffer) {
    this.in = in;
    this.context = context;
    this.source = ByteBuffer.wrap(buffer).limit(0);
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
      boolean hasInput = refill();
      if (!hasInput && !insideFrame) {
        return -1;
      }
      insideFrame = !context.decompressByteBufferStream(target, source);
      int produced = target.position() - offset;
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

  private boolean refill() throws IOException {
    if (source.hasRemaining()) {
      return true;
    }
    int got = in.read(source.array());
    source.clear().limit(Math.max(got, 0));
    return got > 0;
  }
}
