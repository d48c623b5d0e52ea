package dev.sheaf.bundle.codec;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.sheaf.bundle.Content;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Inflates zstd frames. Holds a native context and buffers, which are worth keeping: {@link
 * #borrow} and {@link #giveBack} share a few of them among all threads. Not thread-safe itself.
 */
final class FrameDecoder {
  private static final int CHUNK = 1 << 16;
  private static final int IDLE_KEPT = 2 * Runtime.getRuntime().availableProcessors();
  private static final BlockingQueue<FrameDecoder> IDLE = new ArrayBlockingQueue<>(IDLE_KEPT);

  private final ZstdDecompressCtx context = new ZstdDecompressCtx();
  private final byte[] source = new byte[CHUNK];
  private final byte[] target = new byte[CHUNK];
  private int windowShare;
  private boolean isSwollen;

  private FrameDecoder() {}

  static FrameDecoder borrow() {
    FrameDecoder idle = IDLE.poll();
    return idle == null ? new FrameDecoder() : idle;
  }

  void giveBack() {
    context.reset();
    // A context keeps the largest window that it ever had.
    if (isSwollen || !IDLE.offer(this)) {
      context.close();
    }
  }

  private void noteWindow(long bytes) {
    isSwollen |= bytes > NativeWindows.FREE_BYTES;
  }

  /** Frames with large windows wait for one another, see {@link NativeWindows}. */
  private void awaitWindow(long bytes) {
    noteWindow(bytes);
    giveWindowBack();
    windowShare = NativeWindows.take(bytes);
  }

  private void giveWindowBack() {
    NativeWindows.giveBack(windowShare);
    windowShare = 0;
  }

  /** Says that a frame would inflate beyond what it may. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1;
  }

  /**
   * Inflates all frames of one object.
   *
   * @param maxBytes the raw size that must not be passed
   * @throws ZstdException when a frame is corrupt
   * @throws ZstdInput.CutShort when the last frame is cut short
   * @throws TooLarge when it passes {@code maxBytes}
   */
  Content decode(Content wire, long maxBytes, Spool spool) throws IOException {
    context.reset();
    return inflate(wire, maxBytes, spool);
  }

  /**
   * Buffers grow with what comes out of a frame, never with what it announces: that is a claim of
   * whoever made it.
   */
  private Content inflate(Content wire, long maxBytes, Spool spool) throws IOException {
    try (InputStream in = new ZstdInput(wire.open(), context, source, this::awaitWindow)) {
      int got = in.readNBytes(target, 0, CHUNK);
      if (got > maxBytes) {
        throw new TooLarge();
      }
      return got < CHUNK ? Content.of(Arrays.copyOf(target, got)) : decodeOn(in, maxBytes, spool);
    } finally {
      giveWindowBack();
    }
  }

  /** The rest behind the first chunk. */
  private Content decodeOn(InputStream in, long maxBytes, Spool spool) throws IOException {
    try (Spool.Output out = spool.newOutput()) {
      for (int got = CHUNK; got >= 0; got = in.read(target)) {
        if (out.size() + got > maxBytes) {
          throw new TooLarge();
        }
        out.write(target, 0, got);
      }
      return out.content();
    }
  }
}
