package dev.sheaf.bundle.msgpack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * MessagePack documents as plain Java values, for bodies small enough to hold in memory.
 *
 * <p>Values: {@code null}, {@link Boolean}, {@link Long} ({@link java.math.BigInteger} above {@code
 * Long.MAX_VALUE}), {@link Double}, {@link String}, {@code byte[]}, {@link java.util.List} and
 * {@link Map} with string keys, in wire order. {@link #encode} takes {@link Integer}, {@link
 * Short}, {@link Byte} and {@link Float} as well.
 */
public final class Msgpack {
  private static final int SMALL = 256;

  private Msgpack() {}

  /** Encodes one value, integers in their shortest form. */
  public static byte[] encode(@Nullable Object value) {
    return written(writer -> writer.writeValue(value));
  }

  static byte[] encodeMapHeader(int entries) {
    return written(writer -> writer.writeMapHeader(entries));
  }

  /**
   * Decodes one value that fills the array exactly.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when it is cut short, has trailing
   *     bytes, an extension type, a key that is no string, or nests deeper than 64
   */
  public static @Nullable Object decode(byte[] bytes) {
    return decode(new MsgpackReader(bytes));
  }

  private static @Nullable Object decode(MsgpackReader reader) {
    try {
      Object value = reader.readValue();
      reader.expectEnd();
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /** {@link #decode} for a document that must be a map, as the body of a request is. */
  public static Map<String, @Nullable Object> decodeMap(byte[] bytes) {
    return map(decode(bytes), bytes);
  }

  /**
   * {@link #decodeMap} for a document of a stranger: a map that has a key twice is refused, and so
   * are more than {@code maxValues} values, which would take far more memory than the bytes do.
   */
  public static Map<String, @Nullable Object> decodeForeignMap(byte[] bytes, int maxValues) {
    return map(decode(MsgpackReader.ofForeign(bytes, maxValues)), bytes);
  }

  @SuppressWarnings("unchecked") // A map that was decoded has texts as keys.
  private static Map<String, @Nullable Object> map(@Nullable Object value, byte[] bytes) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw Input.malformed("expected a map, found " + Kind.of(bytes[0] & 0xff).text());
  }

  /** Something that writes. */
  private interface Writing {
    void to(MsgpackWriter writer) throws IOException;
  }

  private static byte[] written(Writing writing) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      MsgpackWriter writer = new MsgpackWriter(out, SMALL);
      writing.to(writer);
      writer.flush();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }
}
