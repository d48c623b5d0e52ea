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
 */
final class CompressedOutput extends OutputStream {
  private static final int CHUNK = 1 << 17;
  private static final int WINDOW_LOG = 24;

  /** Magic number, nothing optional, and a window of 2^17 bytes. */
  private static final byte[] STORED_HEADER = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 7 << 3};

  private final OutputStream out;
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final ByteBuffer source = ByteBuffer.allocateDirect(CHUNK);
  private final ByteBuffer target = ByteBuffer.allocateDirect(CHUNK);
  private final byte[] carrier = new byte[CHUNK];
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
    frameIsOpen |= length > 0;
    int from = offset;
    while (from < offset + length) {
      int step = Math.min(source.remaining(), offset + length - from);
      source.put(bytes, from, step);
      from += step;
      if (!source.hasRemaining()) {
        compress(EndDirective.CONTINUE);
      }
    }
  }

  /** Puts bytes into a frame of their own, as they are; {@code length} must not be 0. */
  void store(InputStream in, long length) throws IOException {
    endFrame();
    out.write(STORED_HEADER);
    for (long rest = length; rest > 0; ) {
      int block = in.readNBytes(carrier, 0, (int) Math.min(CHUNK, rest));
      if (block == 0) {
        throw new IOException("the content ends " + rest + " bytes too early");
      }
      rest -= block;
      int header = block << 3 | (rest == 0 ? 1 : 0);
      out.write(new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)});
      out.write(carrier, 0, block);
    }
  }

  /** Completes the stream and frees what it held; the stream below stays open. */
  void finish() throws IOException {
    endFrame();
    context.close();
  }

  private void endFrame() throws IOException {
    if (frameIsOpen) {
      compress(EndDirective.END);
      frameIsOpen = false;
    }
  }

  private void compress(EndDirective directive) throws IOException {
    source.flip();
    boolean complete;
    do {
      complete = context.compressDirectByteBufferStream(target, source, directive);
      int produced = target.flip().remaining();
      target.get(carrier, 0, produced);
      out.write(carrier, 0, produced);
      target.clear();
    } while (directive == EndDirective.END ? !complete : source.hasRemaining());
    source.clear();
  }
}
