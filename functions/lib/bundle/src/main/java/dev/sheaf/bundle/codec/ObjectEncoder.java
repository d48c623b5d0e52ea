package dev.sheaf.bundle.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compresses objects for the wire. Never makes what {@link BundleLimits#DEFAULT} would refuse to
 * inflate: such an object stays raw. For the bundle as a whole that takes the {@link
 * InflationCredit} that its encoders share.
 *
 * <p>Holds up to 32 MiB of raw content in memory, larger objects stream through files. Not
 * thread-safe: use one per thread and give what they encode to one {@link BundleWriter}.
 */
public final class ObjectEncoder implements AutoCloseable {
  /** What {@code zstd} does when not told otherwise. */
  public static final int DEFAULT_LEVEL = 3;

  private static final BundleLimits LIMITS = BundleLimits.DEFAULT;
  private static final long MAX_IN_MEMORY = 32L << 20;

  private final int level;
  private final Spool spool;
  private final InflationCredit credit;
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final List<FileContent> files = new ArrayList<>();
  private byte[] scratch = new byte[0];

  /** An encoder that is the only one of its bundle. */
  public ObjectEncoder(int level, Path spoolDirectory) {
    this(level, spoolDirectory, new InflationCredit());
  }

  /**
   * @param level zstd level, 1 to 22
   * @param spoolDirectory holds what is too large for memory, until {@link #close}
   * @param credit shared by all encoders of a bundle
   */
  public ObjectEncoder(int level, Path spoolDirectory, InflationCredit credit) {
    this.level = level;
    this.credit = credit;
    this.spool = new Spool(spoolDirectory, LIMITS.memoryBytes());
  }

  /**
   * Encodes an object.
   *
   * @return the object as it travels; its content may be the caller's own, or a file that lives
   *     until {@link #close}
   */
  public WireObject encode(RawObject object) throws IOException {
    long size = object.content().size();
    if (size > LIMITS.inflatedBytes()) {
      return asItIs(object);
    }
    Content frame =
        size > MAX_IN_MEMORY ? compressLarge(object.content()) : compress(bytes(object.content()));
    if (pays(frame.size(), size)) {
      if (frame instanceof FileContent file) {
        files.add(file);
      }
      return new WireObject(object.id(), Encoding.ZSTD, frame, object.path());
    }
    Spool.discard(frame);
    return asItIs(object);
  }

  private static WireObject asItIs(RawObject object) {
    return new WireObject(object.id(), Encoding.RAW, object.content(), object.path());
  }

  private Content compress(byte[] raw) {
    context.reset();
    context.setLevel(level);
    int bound = Math.toIntExact(Zstd.compressBound(raw.length));
    if (scratch.length < bound) {
      scratch = new byte[bound];
    }
    int length = context.compressByteArray(scratch, 0, scratch.length, raw, 0, raw.length);
    return Content.of(Arrays.copyOf(scratch, length));
  }

  private Content compressLarge(Content content) throws IOException {
    try (Spool.Output out = spool.newOutput();
        InputStream in = content.open();
        CompressedOutput zstd = new CompressedOutput(out, level)) {
      in.transferTo(zstd);
      zstd.endFrame();
      return out.content();
    }
  }

  /** Whether compressing saves anything, and the reader will not take the result for a bomb. */
  private boolean pays(long frame, long raw) {
    boolean pays = frame < raw && credit.admits(frame, raw);
    if (!pays) {
      credit.raw(raw);
    }
    return pays;
  }

  private static byte[] bytes(Content content) throws IOException {
    if (content instanceof BytesContent inMemory) {
      return inMemory.bytes();
    }
    try (InputStream in = content.open()) {
      return in.readAllBytes();
    }
  }

  @Override
  public void close() throws IOException {
    context.close();
    for (FileContent file : files) {
      Spool.discard(file);
    }
    files.clear();
  }
}
