package dev.sheaf.bundle.codec;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictContentType;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

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

  /** Inflates a stream; only one at a time, and nothing else meanwhile. */
  ZstdInput open(InputStream in) {
    return new ZstdInput(in, context, source, this::noteWindow);
  }

  private void noteWindow(long bytes) {
    isSwollen |= bytes > NativeWindows.FREE_BYTES;
  }

  /** One object's frames wait for their windows; its bundle's stream must not, see open. */
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
   * @param reference what the frames refer back to; null for frames that need nothing
   * @param maxBytes the raw size that must not be passed
   * @throws ZstdException when a frame is corrupt
   * @throws ZstdInput.CutShort when the last frame is cut short
   * @throws TooLarge when it passes {@code maxBytes}
   */
  Content decode(Content wire, @Nullable Content reference, long maxBytes, Spool spool)
      throws IOException {
    context.reset();
    if (reference == null) {
      return decode(wire, maxBytes, spool);
    }
    if (reference instanceof BytesContent bytes) {
      context.loadDict(bytes.bytes(), ZstdDictContentType.RAW_CONTENT);
      return decode(wire, maxBytes, spool);
    }
    return decodeAgainstFile(wire, (FileContent) reference, maxBytes, spool);
  }

  /** A large reference is mapped, so that the heap never holds it. */
  private Content decodeAgainstFile(Content wire, FileContent reference, long maxBytes, Spool spool)
      throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(reference.path())) {
      ByteBuffer mapped = channel.map(MapMode.READ_ONLY, 0, reference.size(), arena).asByteBuffer();
      ZstdDictDecompress dictionary =
          new ZstdDictDecompress(mapped, true, ZstdDictContentType.RAW_CONTENT);
      context.loadDict(dictionary);
      try {
        return decode(wire, maxBytes, spool);
      } finally {
        context.reset();
        dictionary.close();
      }
    }
  }

  /**
   * Buffers grow with what comes out of a frame, never with what it announces: that is a claim of
   * whoever made it.
   */
  private Content decode(Content wire, long maxBytes, Spool spool) throws IOException {
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
