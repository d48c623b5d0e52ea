package dev.sheaf.bundle.msgpack;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pulls MessagePack out of a stream, one header or scalar at a time, and refuses everything that
 * bundles do not use. Whatever a header announces, memory grows only with bytes that really came.
 *
 * <p>Errors are {@link SheafException}s of kind INVALID that name the place (see {@link #at}) and
 * the byte offset. Not thread-safe.
 */
public final class MsgpackReader {
  /** How deep maps and lists may nest unless the caller says otherwise. */
  public static final int DEFAULT_NESTING = 64;

  private static final String ADVICE =
      "; it is damaged or was not written as bundles are: make it again";
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final int maxNesting;
  private final @Nullable MessageDigest digest;
  private final byte[] buffer = new byte[BUFFER];
  private int next;
  private int end;
  private long bufferOffset;

  private String place = "";
  private long index = -1;
  private long ceiling = Long.MAX_VALUE;
  private String ceilingName = "";
  private @Nullable ByteArrayOutputStream captured;
  private int capturedFrom;

  /** A reader with the default nesting that does not hash. */
  public MsgpackReader(InputStream in) {
    this(in, DEFAULT_NESTING, null);
  }

  /**
   * @param maxNesting how deep maps and lists may nest below a value that is read or skipped whole
   * @param digest is fed every byte that is taken from the stream; null for none
   */
  public MsgpackReader(InputStream in, int maxNesting, @Nullable MessageDigest digest) {
    this.in = in;
    this.maxNesting = maxNesting;
    this.digest = digest;
  }

  /** Bytes consumed so far. */
  public long position() {
    return bufferOffset + next;
  }

  /** Says what is being read, for errors: {@code commits[17]}; an index below 0 is left out. */
  public void at(String newPlace, long newIndex) {
    place = newPlace;
    index = newIndex;
  }

  /**
   * Bounds what is read from here on.
   *
   * @param bytes how many more bytes may be consumed
   * @param limitName the limit that an error names
   */
  public void limit(long bytes, String limitName) {
    ceiling = position() + bytes;
    ceilingName = limitName;
  }

  /** Ends what {@link #limit} began. */
  public void unlimit() {
    checkCeiling(0);
    ceiling = Long.MAX_VALUE;
  }

  /** Consumes a nil if that comes next, and says whether it did. */
  public boolean tryNil() throws IOException {
    if (peek() != 0xc0) {
      return false;
    }
    next++;
    return true;
  }

  /** Number of entries of the map that comes next. */
  public int readMapHeader() throws IOException {
    int tag = take();
    if (tag >>> 4 == 0x8) {
      return tag & 0xf;
    }
    return switch (tag) {
      case 0xde -> (int) unsigned(2);
      case 0xdf -> count(unsigned(4));
      default -> throw unexpected("a map", tag);
    };
  }

  /** Number of elements of the list that comes next. */
  public int readArrayHeader() throws IOException {
    int tag = take();
    if (tag >>> 4 == 0x9) {
      return tag & 0xf;
    }
    return switch (tag) {
      case 0xdc -> (int) unsigned(2);
      case 0xdd -> count(unsigned(4));
      default -> throw unexpected("a list", tag);
    };
  }

  /** Length of the binary value that comes next; {@link #readPayload} or a sibling must follow. */
  public long readBinaryHeader() throws IOException {
    int tag = take();
    return switch (tag) {
      case 0xc4 -> unsigned(1);
      case 0xc5 -> unsigned(2);
      case 0xc6 -> unsigned(4);
      default -> throw unexpected("binary", tag);
    };
  }

  /** A string of any length. */
  public String readString() throws IOException {
    return readString(Integer.MAX_VALUE, "string");
  }

  /**
   * A string of bounded length.
   *
   * @param maxBytes limit of its length in UTF-8
   * @param limitName how an error calls the limit
   */
  public String readString(int maxBytes, String limitName) throws IOException {
    int length = readStringHeader();
    if (length > maxBytes) {
      throw fail("a string of " + length + " bytes passes the limit " + limitName + " " + maxBytes);
    }
    String text;
    if (length <= BUFFER) {
      require(length);
      text = new String(buffer, next, length, StandardCharsets.UTF_8);
      requireUtf8(text, buffer, next, length);
      next += length;
    } else {
      byte[] bytes = readPayload(length);
      text = new String(bytes, StandardCharsets.UTF_8);
      requireUtf8(text, bytes, 0, length);
    }
    return text;
  }

  /** An integer of any width. */
  public long readLong() throws IOException {
    int tag = take();
    if (integer(tag) instanceof Long value) {
      return value;
    }
    throw unexpected("an integer", tag);
  }

  /** The next {@code length} bytes as an array of their own. */
  public byte[] readPayload(long length) throws IOException {
    checkCeiling(length);
    if (length > Integer.MAX_VALUE - 8) {
      throw fail("a value of " + length + " bytes does not fit into memory");
    }
    byte[] bytes = new byte[(int) Math.min(length, 8 << 20)];
    read(bytes, 0, bytes.length);
    while (bytes.length < length) {
      int filled = bytes.length;
      bytes = Arrays.copyOf(bytes, (int) Math.min(length, filled * 2L));
      read(bytes, filled, bytes.length - filled);
    }
    return bytes;
  }

  /** Hands the next {@code length} bytes to a stream. */
  public void copyPayload(long length, OutputStream out) throws IOException {
    checkCeiling(length);
    long rest = length;
    while (rest > 0) {
      if (next == end) {
        refill();
      }
      int step = (int) Math.min(rest, end - next);
      out.write(buffer, next, step);
      next += step;
      rest -= step;
    }
  }

  /** Passes over the next value, whatever it is, and checks it. */
  public void skipValue() throws IOException {
    skip(0);
  }

  /** The next value in its encoded form, checked. */
  public byte[] readEncoded() throws IOException {
    captured = new ByteArrayOutputStream(64);
    capturedFrom = next;
    try {
      skip(0);
      captured.write(buffer, capturedFrom, next - capturedFrom);
      return captured.toByteArray();
    } finally {
      captured = null;
    }
  }

  /** The map that comes next, kept encoded. */
  public PackedMap readPackedMap() throws IOException {
    int tag = peek();
    if (tag >>> 4 != 0x8 && tag != 0xde && tag != 0xdf) {
      throw unexpected("a map", take());
    }
    return PackedMap.trusted(readEncoded());
  }

  /** The next value as {@link Msgpack} has it. */
  public @Nullable Object readValue() throws IOException {
    return value(0);
  }

  /** Checks that the stream ends here. */
  public void expectEnd() throws IOException {
    if (next < end || tryRefill()) {
      at("", -1);
      throw fail("there are bytes behind the end of the document");
    }
  }

  /** An error at the present place. */
  public SheafException fail(String problem) {
    String where = index < 0 ? place : place + "[" + index + "]";
    return malformed((where.isEmpty() ? "" : where + ": ") + problem + ", at byte " + position());
  }

  static SheafException malformed(String problem) {
    return new SheafException(ErrorKind.INVALID, problem + ADVICE);
  }

  static String nameOf(@Nullable Object value) {
    return switch (value) {
      case null -> "nil";
      case String _ -> "a string";
      case byte[] _ -> "binary";
      case List<?> _ -> "a list";
      case Map<?, ?> _ -> "a map";
      default -> "a number or a boolean";
    };
  }

  private @Nullable Object value(int depth) throws IOException {
    int tag = peek();
    return switch (kind(tag)) {
      case NIL -> {
        next++;
        yield null;
      }
      case BOOLEAN -> take() == 0xc3;
      case INTEGER -> integer(take());
      case FLOAT ->
          take() == 0xca
              ? (double) Float.intBitsToFloat((int) unsigned(4))
              : Double.longBitsToDouble(unsigned(8));
      case STRING -> readString();
      case BINARY -> readPayload(readBinaryHeader());
      case LIST -> list(depth + 1);
      case MAP -> map(depth + 1);
      case OTHER -> throw unexpected("a value", take());
    };
  }

  private List<@Nullable Object> list(int depth) throws IOException {
    checkDepth(depth);
    int size = readArrayHeader();
    List<@Nullable Object> list = new ArrayList<>(Math.min(size, 1024));
    for (int i = 0; i < size; i++) {
      list.add(value(depth));
    }
    return list;
  }

  private Map<String, @Nullable Object> map(int depth) throws IOException {
    checkDepth(depth);
    int size = readMapHeader();
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      map.put(readString(), value(depth));
    }
    return map;
  }

  private void skip(int depth) throws IOException {
    int tag = peek();
    switch (kind(tag)) {
      case NIL, BOOLEAN -> next++;
      case INTEGER -> integer(take());
      case FLOAT -> skipBytes(tag == 0xca ? 5 : 9);
      case STRING -> skipString();
      case BINARY -> skipBytes(readBinaryHeader());
      case LIST -> {
        checkDepth(depth + 1);
        for (int i = readArrayHeader(); i > 0; i--) {
          skip(depth + 1);
        }
      }
      case MAP -> {
        checkDepth(depth + 1);
        for (int i = readMapHeader(); i > 0; i--) {
          skipString();
          skip(depth + 1);
        }
      }
      case OTHER -> throw unexpected("a value", take());
    }
  }

  /** Passes over a string in pieces that fit the buffer, each cut between two characters. */
  private void skipString() throws IOException {
    int rest = readStringHeader();
    while (rest > 0) {
      int piece = Math.min(rest, BUFFER);
      require(piece);
      int whole = piece == rest ? piece : wholeCharacters(piece);
      requireUtf8(new String(buffer, next, whole, StandardCharsets.UTF_8), buffer, next, whole);
      next += whole;
      rest -= whole;
    }
  }

  /** The length of the longest prefix of a piece that does not end inside a character. */
  private int wholeCharacters(int piece) {
    int last = piece - 1;
    while (last > piece - 4 && (buffer[next + last] & 0xc0) == 0x80) {
      last--;
    }
    return (buffer[next + last] & 0x80) == 0 ? piece : last;
  }

  private void skipBytes(long length) throws IOException {
    copyPayload(length, OutputStream.nullOutputStream());
  }

  private int readStringHeader() throws IOException {
    int tag = take();
    if (tag >>> 5 == 0x5) {
      return tag & 0x1f;
    }
    return switch (tag) {
      case 0xd9 -> (int) unsigned(1);
      case 0xda -> (int) unsigned(2);
      case 0xdb -> count(unsigned(4));
      default -> throw unexpected("a string", tag);
    };
  }

  private @Nullable Object integer(int tag) throws IOException {
    if (tag <= 0x7f || tag >= 0xe0) {
      return (long) (byte) tag;
    }
    return switch (tag) {
      case 0xcc -> unsigned(1);
      case 0xcd -> unsigned(2);
      case 0xce -> unsigned(4);
      case 0xcf -> unsignedLong(unsigned(8));
      case 0xd0 -> (long) (byte) unsigned(1);
      case 0xd1 -> (long) (short) unsigned(2);
      case 0xd2 -> (long) (int) unsigned(4);
      case 0xd3 -> unsigned(8);
      default -> null;
    };
  }

  private static Object unsignedLong(long bits) {
    return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
  }

  private enum Kind {
    NIL,
    BOOLEAN,
    INTEGER,
    FLOAT,
    STRING,
    BINARY,
    LIST,
    MAP,
    OTHER
  }

  private static Kind kind(int tag) {
    if (tag <= 0x7f || tag >= 0xe0) {
      return Kind.INTEGER;
    }
    if (tag <= 0x8f) {
      return Kind.MAP;
    }
    if (tag <= 0x9f) {
      return Kind.LIST;
    }
    if (tag <= 0xbf) {
      return Kind.STRING;
    }
    return switch (tag) {
      case 0xc0 -> Kind.NIL;
      case 0xc2, 0xc3 -> Kind.BOOLEAN;
      case 0xc4, 0xc5, 0xc6 -> Kind.BINARY;
      case 0xca, 0xcb -> Kind.FLOAT;
      case 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3 -> Kind.INTEGER;
      case 0xd9, 0xda, 0xdb -> Kind.STRING;
      case 0xdc, 0xdd -> Kind.LIST;
      case 0xde, 0xdf -> Kind.MAP;
      default -> Kind.OTHER;
    };
  }

  private SheafException unexpected(String expected, int tag) {
    next--;
    String found =
        switch (kind(tag)) {
          case NIL -> "nil";
          case BOOLEAN -> "a boolean";
          case INTEGER -> "an integer";
          case FLOAT -> "a float";
          case STRING -> "a string";
          case BINARY -> "binary";
          case LIST -> "a list";
          case MAP -> "a map";
          case OTHER -> tag == 0xc1 ? "a reserved byte" : "an extension type";
        };
    return fail("expected " + expected + ", found " + found);
  }

  private void checkDepth(int depth) {
    if (depth > maxNesting) {
      throw fail("maps and lists nest deeper than the limit nesting " + maxNesting);
    }
  }

  private void checkCeiling(long ahead) {
    if (position() + ahead > ceiling) {
      throw fail("passes the limit " + ceilingName);
    }
  }

  private void requireUtf8(String text, byte[] bytes, int offset, int length) {
    // The decoder writes U+FFFD for what is not UTF-8; only then is a second look needed.
    if (text.indexOf('\uFFFD') >= 0
        && !Arrays.equals(
            text.getBytes(StandardCharsets.UTF_8),
            0,
            text.getBytes(StandardCharsets.UTF_8).length,
            bytes,
            offset,
            offset + length)) {
      throw fail("a string is not UTF-8");
    }
  }

  private int count(long announced) {
    if (announced > Integer.MAX_VALUE) {
      throw fail("a length of " + announced + " is beyond any limit");
    }
    return (int) announced;
  }

  private int peek() throws IOException {
    if (next == end) {
      refill();
    }
    return buffer[next] & 0xff;
  }

  private int take() throws IOException {
    int tag = peek();
    next++;
    return tag;
  }

  private long unsigned(int bytes) throws IOException {
    require(bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = (value << 8) | (buffer[next++] & 0xff);
    }
    return value;
  }

  /** Fills a stretch of an array, past the buffer where it is long. */
  private void read(byte[] target, int offset, int length) throws IOException {
    int filled = drain(target, offset, length);
    while (filled < length) {
      int rest = length - filled;
      if (captured == null && rest >= BUFFER) {
        readDirectly(target, offset + filled, rest);
        return;
      }
      refill();
      filled += drain(target, offset + filled, rest);
    }
  }

  private int drain(byte[] target, int offset, int length) {
    int step = Math.min(length, end - next);
    System.arraycopy(buffer, next, target, offset, step);
    next += step;
    return step;
  }

  private void readDirectly(byte[] target, int offset, int length) throws IOException {
    int got = in.readNBytes(target, offset, length);
    bufferOffset += got;
    if (digest != null) {
      digest.update(target, offset, got);
    }
    if (got < length) {
      throw truncated();
    }
  }

  /** Makes {@code length} bytes available in one piece; at most the size of the buffer. */
  private void require(int length) throws IOException {
    while (end - next < length) {
      refill();
    }
  }

  private void refill() throws IOException {
    if (!tryRefill()) {
      throw truncated();
    }
  }

  private boolean tryRefill() throws IOException {
    checkCeiling(0);
    if (captured != null) {
      captured.write(buffer, capturedFrom, next - capturedFrom);
      capturedFrom = 0;
    }
    System.arraycopy(buffer, next, buffer, 0, end - next);
    bufferOffset += next;
    end -= next;
    next = 0;
    int got = in.read(buffer, end, BUFFER - end);
    if (got <= 0) {
      return false;
    }
    if (digest != null) {
      digest.update(buffer, end, got);
    }
    end += got;
    return true;
  }

  private SheafException truncated() {
    next = end;
    return fail("the document is cut short");
  }
}
