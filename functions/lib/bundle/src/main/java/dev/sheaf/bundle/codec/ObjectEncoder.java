package dev.sheaf.bundle.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictContentType;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compresses objects for the wire, one after the other; each is encoded against the one before it
 * where the caller says so and the chain rules of bundle.md section 11.12 allow it. Never makes
 * what {@link BundleLimits#DEFAULT} would refuse to inflate: such an object stays raw. For the
 * bundle as a whole that takes the {@link InflationCredit} that its encoders share.
 *
 * <p>Holds up to 64 MiB of raw content in memory, larger objects stream through files. Not
 * thread-safe: use one per thread and give the encoded groups to one {@link BundleWriter}.
 */
public final class ObjectEncoder implements AutoCloseable {
  /** What {@code zstd} does when not told otherwise. */
  public static final int DEFAULT_LEVEL = 3;

  private static final BundleLimits LIMITS = BundleLimits.DEFAULT;
  private static final long MAX_IN_MEMORY = LIMITS.chainBytes() / 2;
  private static final byte[] DICTIONARY_MAGIC = {0x37, (byte) 0xa4, 0x30, (byte) 0xec};
  private static final int MIN_WINDOW_LOG = 10;

  /** zstd indexes only the last {@code 8 << hashLog} bytes of a reference: at low levels this. */
  private static final int FULLY_INDEXED = 1 << 20;

  private static final int MIN_INDEX_LOG = 20;

  private final int level;
  private final boolean chains;
  private final Spool spool;
  private final InflationCredit credit;
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final List<Content> files = new ArrayList<>();
  private byte[] scratch = new byte[0];

  private byte @Nullable [] previous;
  private int chainObjects;
  private long chainBytes;

  /** An encoder that is the only one of its bundle. */
  public ObjectEncoder(int level, boolean chains, Path spoolDirectory) {
    this(level, chains, spoolDirectory, new InflationCredit());
  }

  /**
   * @param level zstd level, 1 to 22
   * @param chains whether to make chains; false for bundles that foreign readers must understand
   * @param spoolDirectory holds what is too large for memory, until {@link #close}
   * @param credit shared by all encoders of a bundle
   */
  public ObjectEncoder(int level, boolean chains, Path spoolDirectory, InflationCredit credit) {
    this.level = level;
    this.chains = chains;
    this.credit = credit;
    this.spool = new Spool(spoolDirectory, LIMITS.memoryBytes());
  }

  /**
   * Encodes the next object. The result must follow directly on the previous result in the bundle
   * when its encoding is {@link Encoding#ZSTD_CHAIN}.
   *
   * @param resemblesPrevious whether the object given before is likely to be similar, such as
   *     another version of the same file
   * @return the object as it travels; its content may be the caller's own, or a file that lives
   *     until {@link #close}
   */
  public WireObject encode(RawObject object, boolean resemblesPrevious) throws IOException {
    long size = object.content().size();
    if (size > MAX_IN_MEMORY) {
      previous = null;
      return encodeLarge(object);
    }
    byte[] raw = bytes(object.content());
    byte[] reference = resemblesPrevious ? reference(raw.length) : null;
    byte[] frame = compress(raw, reference);
    Encoding encoding = reference == null ? Encoding.ZSTD : Encoding.ZSTD_CHAIN;
    if (!pays(frame.length, raw.length)) {
      encoding = Encoding.RAW;
    }
    remember(raw, encoding);
    Content wire = encoding == Encoding.RAW ? object.content() : Content.of(frame);
    return new WireObject(object.id(), encoding, wire, object.path());
  }

  /**
   * Encodes objects that resemble one another, such as the versions of one file. The results must
   * stay together and in order; none refers to what was encoded before.
   */
  public List<WireObject> encodeAll(List<RawObject> alike) throws IOException {
    List<WireObject> encoded = new ArrayList<>(alike.size());
    for (RawObject object : alike) {
      encoded.add(encode(object, !encoded.isEmpty()));
    }
    return encoded;
  }

  /** What the next object may refer to; null when it has to stand alone. */
  private byte @Nullable [] reference(int rawLength) {
    byte[] candidate = previous;
    boolean allowed =
        chains
            && candidate != null
            && candidate.length > 0
            && chainObjects < LIMITS.chainObjects()
            && chainBytes + rawLength <= LIMITS.chainBytes()
            && !startsLikeDictionary(candidate);
    return allowed ? candidate : null;
  }

  /** A foreign decoder would take such a reference for a formatted dictionary. */
  static boolean startsLikeDictionary(byte[] reference) {
    return reference.length >= DICTIONARY_MAGIC.length
        && Arrays.equals(reference, 0, DICTIONARY_MAGIC.length, DICTIONARY_MAGIC, 0, 4);
  }

  private byte[] compress(byte[] raw, byte @Nullable [] reference) {
    context.reset();
    context.setLevel(level);
    if (reference != null) {
      context.setWindowLog(Math.max(MIN_WINDOW_LOG, log2(raw.length + (long) reference.length)));
      if (reference.length > FULLY_INDEXED) {
        int indexLog = Math.max(MIN_INDEX_LOG, log2(reference.length) - 3);
        context.setHashLog(indexLog).setChainLog(indexLog);
      }
      context.loadDict(reference, ZstdDictContentType.RAW_CONTENT);
    }
    int bound = Math.toIntExact(Zstd.compressBound(raw.length));
    if (scratch.length < bound) {
      scratch = new byte[bound];
    }
    int length = context.compressByteArray(scratch, 0, scratch.length, raw, 0, raw.length);
    return Arrays.copyOf(scratch, length);
  }

  /** The logarithm to base 2, rounded up. */
  private static int log2(long value) {
    return Long.SIZE - Long.numberOfLeadingZeros(value - 1);
  }

  /** Whether compressing saves anything, and the reader will not take the result for a bomb. */
  private boolean pays(long frame, long raw) {
    boolean pays = frame < raw && raw <= LIMITS.inflatedBytes() && credit.admits(frame, raw);
    if (!pays) {
      credit.raw(raw);
    }
    return pays;
  }

  private void remember(byte[] raw, Encoding encoding) {
    boolean continues = encoding == Encoding.ZSTD_CHAIN;
    chainObjects = continues ? chainObjects + 1 : 1;
    chainBytes = continues ? chainBytes + raw.length : raw.length;
    previous = chains ? raw : null;
  }

  private WireObject encodeLarge(RawObject object) throws IOException {
    if (object.content().size() > LIMITS.inflatedBytes()) {
      credit.raw(object.content().size());
      return new WireObject(object.id(), Encoding.RAW, object.content(), object.path());
    }
    Content frame = compressLarge(object.content());
    if (pays(frame.size(), object.content().size())) {
      files.add(frame);
      return new WireObject(object.id(), Encoding.ZSTD, frame, object.path());
    }
    Spool.discard(frame);
    return new WireObject(object.id(), Encoding.RAW, object.content(), object.path());
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
    for (Content file : files) {
      Spool.discard(file);
    }
    files.clear();
  }
}
