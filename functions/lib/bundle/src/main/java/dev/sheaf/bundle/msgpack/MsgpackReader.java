package dev.sheaf.bundle.msgpack;

import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
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
 *
 * <p>Why not msgpack-core: its unpacker takes malformed UTF-8 and trailing bytes, allocates what a
 * header announces, and cannot hand over a value still encoded, which is how unknown keys are kept.
 */
public final class MsgpackReader {
  /** How deep maps and lists may nest unless the caller says otherwise. */
  public static final int DEFAULT_NESTING = 64;

  private final Input in;
  private final int maxNesting;
  private final boolean isStrict;
  private int valuesLeft;

  /** A reader with the default nesting. */
  public MsgpackReader(InputStream in) {
    this(in, DEFAULT_NESTING);
  }

  /**
   * @param maxNesting how deep maps and lists may nest below a value that is read or skipped whole
   */
  public MsgpackReader(InputStream in, int maxNesting) {
    this(new Input(in), maxNesting, Integer.MAX_VALUE, false);
  }

  /** A reader over bytes in memory, which must not change meanwhile. */
  public MsgpackReader(byte[] bytes) {
    this(new Input(bytes), DEFAULT_NESTING, Integer.MAX_VALUE, false);
  }

  private MsgpackReader(Input in, int maxNesting, int maxValues, boolean isStrict) {
    this.in = in;
    this.maxNesting = maxNesting;
    this.valuesLeft = maxValues;
    this.isStrict = isStrict;
  }

  /**
   * A reader of what a stranger sent: {@link #readValue} refuses a map that has a key twice, and
   * more than {@code maxValues} values, because a value of one byte becomes an object of sixty.
   */
  static MsgpackReader ofForeign(byte[] bytes, int maxValues) {
    return new MsgpackReader(new Input(bytes), DEFAULT_NESTING, maxValues, true);
  }

  /** Bytes consumed so far. */
  public long position() {
    return in.position();
  }

  /** Says what is being read, for errors: {@code commits[17]}; an index below 0 is left out. */
  public void at(String place, long index) {
    in.at(place, index);
  }

  /**
   * Bounds what is read from here on.
   *
   * @param bytes how many more bytes may be consumed
   * @param limitName the limit that an error names
   */
  public void limit(long bytes, String limitName) {
    in.limit(bytes, limitName);
  }

  /** Ends what {@link #limit} began. */
  public void unlimit() {
    in.unlimit();
  }

  /** Consumes a nil if that comes next, and says whether it did. */
  public boolean tryNil() throws IOException {
    if (in.peek() != 0xc0) {
      return false;
    }
    in.take();
    return true;
  }

  /** Whether a map comes next. */
  public boolean isMapNext() throws IOException {
    return Kind.of(in.peek()) == Kind.MAP;
  }

  /** Whether the input ends here. */
  public boolean isAtEnd() throws IOException {
    return in.isAtEnd();
  }

  /** Number of entries of the map that comes next. */
  public int readMapHeader() throws IOException {
    int tag = expect(Kind.MAP);
    return switch (tag) {
      case 0xde -> (int) in.take(2);
      case 0xdf -> countable(in.take(4));
      default -> tag & 0xf;
    };
  }

  /** Number of elements of the list that comes next. */
  public int readArrayHeader() throws IOException {
    int tag = expect(Kind.LIST);
    return switch (tag) {
      case 0xdc -> (int) in.take(2);
      case 0xdd -> countable(in.take(4));
      default -> tag & 0xf;
    };
  }

  /** Length of the binary value that comes next; {@link #readPayload} or a sibling must follow. */
  public long readBinaryHeader() throws IOException {
    return in.take(1 << (expect(Kind.BINARY) - 0xc4));
  }

  /** A string of any length. */
  public String readString() throws IOException {
    return in.takeText(readStringHeader());
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
      throw fail(
          "a string of %d bytes passes the limit %s %d".formatted(length, limitName, maxBytes));
    }
    return in.takeText(length);
  }

  /** An integer that fits a long. */
  public long readLong() throws IOException {
    if (integer(expect(Kind.INTEGER)) instanceof Long value) {
      return value;
    }
    throw fail("an integer is beyond 64 bits with sign");
  }

  /** The next {@code length} bytes as an array of their own. */
  public byte[] readPayload(long length) throws IOException {
    return in.takeArray(countable(length));
  }

  /** Hands the next {@code length} bytes to a stream. */
  public void copyPayload(long length, OutputStream out) throws IOException {
    in.copy(length, out);
  }

  /** Passes over the next value, whatever it is, and checks it. */
  public void skipValue() throws IOException {
    skip(0);
  }

  /** The next value in its encoded form, checked. */
  public byte[] readEncoded() throws IOException {
    in.keep();
    skip(0);
    return in.kept();
  }

  /** The map that comes next, kept encoded. */
  public PackedMap readPackedMap() throws IOException {
    if (!isMapNext()) {
      throw unexpected(Kind.MAP.text());
    }
    return PackedMap.trusted(readEncoded());
  }

  /** The next value as {@link Msgpack} has it. */
  public @Nullable Object readValue() throws IOException {
    return value(0);
  }

  /** Checks that the input ends here. */
  public void expectEnd() throws IOException {
    if (!in.isAtEnd()) {
      throw fail("more bytes follow where it should end");
    }
  }

  /** An error at the present place. */
  public SheafException fail(String problem) {
    return in.fail(problem);
  }

  private @Nullable Object value(int depth) throws IOException {
    if (--valuesLeft < 0) {
      throw fail("it holds too many values");
    }
    return switch (Kind.of(in.peek())) {
      case NIL -> {
        in.take();
        yield null;
      }
      case BOOLEAN -> in.take() == 0xc3;
      case INTEGER -> integer(in.take());
      case FLOAT -> real(in.take());
      case STRING -> readString();
      case BINARY -> readPayload(readBinaryHeader());
      case LIST -> list(nested(depth));
      case MAP -> map(nested(depth));
      case EXTENSION, RESERVED -> throw unexpected("a value");
    };
  }

  private List<@Nullable Object> list(int depth) throws IOException {
    int size = readArrayHeader();
    List<@Nullable Object> list = new ArrayList<>(Math.min(size, 1024));
    for (int i = 0; i < size; i++) {
      list.add(value(depth));
    }
    return list;
  }

  private Map<String, @Nullable Object> map(int depth) throws IOException {
    int size = readMapHeader();
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      String key = readString();
      if (isStrict && map.containsKey(key)) {
        throw fail("the key '" + key + "' comes twice");
      }
      map.put(key, value(depth));
    }
    return map;
  }

  private void skip(int depth) throws IOException {
    switch (Kind.of(in.peek())) {
      case NIL, BOOLEAN -> in.take();
      case INTEGER -> integer(in.take());
      case FLOAT -> real(in.take());
      case STRING -> in.skipText(readStringHeader());
      case BINARY -> in.copy(readBinaryHeader(), OutputStream.nullOutputStream());
      case LIST -> {
        int below = nested(depth);
        for (int rest = readArrayHeader(); rest > 0; rest--) {
          skip(below);
        }
      }
      case MAP -> {
        int below = nested(depth);
        for (int rest = readMapHeader(); rest > 0; rest--) {
          in.skipText(readStringHeader());
          skip(below);
        }
      }
      case EXTENSION, RESERVED -> throw unexpected("a value");
    }
  }

  private int readStringHeader() throws IOException {
    int tag = expect(Kind.STRING);
    return tag < 0xd9 ? tag & 0x1f : countable(in.take(1 << (tag - 0xd9)));
  }

  private Object integer(int tag) throws IOException {
    return switch (tag) {
      case 0xcc -> in.take(1);
      case 0xcd -> in.take(2);
      case 0xce -> in.take(4);
      case 0xcf -> unsigned(in.take(8));
      case 0xd0 -> (long) (byte) in.take(1);
      case 0xd1 -> (long) (short) in.take(2);
      case 0xd2 -> (long) (int) in.take(4);
      case 0xd3 -> in.take(8);
      default -> (long) (byte) tag;
    };
  }

  private static Object unsigned(long bits) {
    return bits >= 0 ? Long.valueOf(bits) : new BigInteger(Long.toUnsignedString(bits));
  }

  private double real(int tag) throws IOException {
    return tag == 0xca
        ? Float.intBitsToFloat((int) in.take(4))
        : Double.longBitsToDouble(in.take(8));
  }

  private int expect(Kind kind) throws IOException {
    if (Kind.of(in.peek()) != kind) {
      throw unexpected(kind.text());
    }
    return in.take();
  }

  private SheafException unexpected(String expected) throws IOException {
    return fail("expected " + expected + ", found " + Kind.of(in.peek()).text());
  }

  private int nested(int depth) {
    if (depth == maxNesting) {
      throw fail("maps and lists nest deeper than the limit nesting " + maxNesting);
    }
    return depth + 1;
  }

  private int countable(long announced) {
    if (announced > Integer.MAX_VALUE - 8) {
      throw fail("a length of " + announced + " is beyond any limit");
    }
    return (int) announced;
  }
}
