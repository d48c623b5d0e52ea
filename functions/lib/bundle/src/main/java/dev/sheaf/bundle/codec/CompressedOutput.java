package dev.sheaf.bundle.codec;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A zstd frame of what is written. Flushing does nothing: blocks end where it compresses best.
 *
 * <p>The stream below is never closed.
 */
final class CompressedOutput extends OutputStream {
  private static final int CHUNK = 1 << 17;

  private static final int WINDOW_LOG = 24;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final OutputStream out;
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final byte[] buffer = new byte[CHUNK];

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
      compress(source, EndDirective.CONTINUE);
    }
  }

  /** Frees what is held; to complete the stream, {@link #endFrame} must have been called. */
  @Override
  public void close() {
    context.close();
  }

  /** Completes what was written so far; the stream below stays open. */
  void endFrame() throws IOException {
    boolean ended = false;
    while (!ended) {
      ended = compress(NOTHING, EndDirective.END);
    }
  }

  /** One step; true when everything that was begun is written. */
  private boolean compress(ByteBuffer source, EndDirective directive) throws IOException {
    ByteBuffer target = ByteBuffer.wrap(buffer);
    boolean complete = context.compressByteBufferStream(target, source, directive);
    out.write(buffer, 0, target.position());
    return complete;
  }
}
