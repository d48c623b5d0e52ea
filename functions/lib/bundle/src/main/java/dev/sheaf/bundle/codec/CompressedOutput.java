package dev.sheaf.bundle.codec;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The zstd stream around a bundle. What is written goes into a compressed frame; what is {@link
 * #store}d, because it will not compress, into a frame of raw blocks. Flushing does nothing: blocks
 * end where it compresses best.
 *
 * <p>The stream below is never closed.
 */
final class CompressedOutput extends OutputStream {
  /** The largest block of a frame. */
  private static final int BLOCK = 1 << 17;

  private static final int WINDOW_LOG = 24;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Magic number, nothing optional, and a window of 2^17 bytes. */
  private static final byte[] STORED_HEADER = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 7 << 3};

  private final OutputStream out;
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final byte[] buffer = new byte[BLOCK];
  private boolean frameIsOpen;

  CompressedOutput(OutputStream out, int level) {
    this.out = out;
    context.setLevel(level);
    context.setLong(WINDOW_LOG);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
    while (source.hasRemaining()) {
      frameIsOpen = true;
      compress(source, EndDirective.CONTINUE);
    }
  }

  /** Puts bytes into a frame of their own, as they are; {@code length} must not be 0. */
  void store(InputStream in, long length) throws IOException {
    endFrame();
    out.write(STORED_HEADER);
    for (long rest = length; rest > 0; ) {
      int block = in.readNBytes(buffer, 0, (int) Math.min(BLOCK, rest));
      if (block == 0) {
        throw new IOException("the content ends " + rest + " bytes too early");
      }
      rest -= block;
      int header = block << 3 | (rest == 0 ? 1 : 0);
      out.write(new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)});
      out.write(buffer, 0, block);
    }
  }

  /** Frees what is held; to complete the stream, {@link #endFrame} must have been called. */
  @Override
  public void close() {
    context.close();
  }

  /** Completes what was written so far; the stream below stays open. */
  void endFrame() throws IOException {
    boolean ended = !frameIsOpen;
    while (!ended) {
      ended = compress(NOTHING, EndDirective.END);
    }
    frameIsOpen = false;
  }

  /** One step; true when everything that was begun is written. */
  private boolean compress(ByteBuffer source, EndDirective directive) throws IOException {
    ByteBuffer target = ByteBuffer.wrap(buffer);
    boolean complete = context.compressByteBufferStream(target, source, directive);
    out.write(buffer, 0, target.position());
    return complete;
  }
}
