package dev.sheaf.bundle.msgpack;

import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes MessagePack to a stream, every number in its shortest form. Headers announce how many
 * elements follow; keeping that promise is up to the caller. Buffers: {@link #flush} at the end.
 * Not thread-safe.
 */
public final class MsgpackWriter implements Flushable {
  private static final int BUFFER = 1 << 16;

  private final OutputStream out;
  private final byte[] buffer;
  private int filled;

  public MsgpackWriter(OutputStream out) {
    this(out, BUFFER);
  }

  /**
   * @param bufferSize in bytes, for output that is known to be small
   */
  public MsgpackWriter(OutputStream out, int bufferSize) {
    this.out = out;
    this.buffer = new byte[bufferSize];
  }

  /** Announces a map. */
  public void writeMapHeader(int entries) throws IOException {
    header(entries, 0x80, 0xf, 0xde, 0xdf);
  }

  /** Announces a list. */
  public void writeArrayHeader(long elements) throws IOException {
    header(elements, 0x90, 0xf, 0xdc, 0xdd);
  }

  /** Announces binary, to be given to {@link #writeRaw}. */
  public void writeBinaryHeader(long length) throws IOException {
    if (length < 1 << 8) {
      tagged(0xc4, length, 1);
    } else if (length < 1 << 16) {
      tagged(0xc5, length, 2);
    } else {
      tagged(0xc6, length, 4);
    }
  }

  /** Writes bytes as they are: the payload of a binary, or values that are encoded already. */
  public void writeRaw(byte[] bytes, int offset, int length) throws IOException {
    if (length > buffer.length - filled) {
      spill();
    }
    if (length > buffer.length) {
      out.write(bytes, offset, length);
    } else {
      System.arraycopy(bytes, offset, buffer, filled, length);
      filled += length;
    }
  }

  /** Writes text. */
  public void writeString(String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length < 32) {
      put(0xa0 | utf8.length);
    } else if (utf8.length < 1 << 8) {
      tagged(0xd9, utf8.length, 1);
    } else if (utf8.length < 1 << 16) {
      tagged(0xda, utf8.length, 2);
    } else {
      tagged(0xdb, utf8.length, 4);
    }
    writeRaw(utf8, 0, utf8.length);
  }

  /** Writes binary. */
  public void writeBinary(byte[] bytes) throws IOException {
    writeBinaryHeader(bytes.length);
    writeRaw(bytes, 0, bytes.length);
  }

  /** Writes nothing's own value. */
  public void writeNil() throws IOException {
    put(0xc0);
  }

  /** Writes true or false. */
  public void writeBoolean(boolean value) throws IOException {
    put(value ? 0xc3 : 0xc2);
  }

  /** Writes an integer. */
  public void writeLong(long value) throws IOException {
    if (value >= 0) {
      writeUnsigned(value);
    } else if (value >= -32) {
      put((int) value);
    } else if (value >= Byte.MIN_VALUE) {
      tagged(0xd0, value, 1);
    } else if (value >= Short.MIN_VALUE) {
      tagged(0xd1, value, 2);
    } else if (value >= Integer.MIN_VALUE) {
      tagged(0xd2, value, 4);
    } else {
      tagged(0xd3, value, 8);
    }
  }

  /** Writes a floating point number. */
  public void writeDouble(double value) throws IOException {
    tagged(0xcb, Double.doubleToRawLongBits(value), 8);
  }

  /** Writes a whole packed map. */
  public void writePacked(PackedMap map) throws IOException {
    byte[] bytes = map.sharedBytes();
    writeRaw(bytes, 0, bytes.length);
  }

  /** Writes the entries of a packed map into a map whose header counts them already. */
  public void writeEntriesOf(PackedMap map) throws IOException {
    byte[] bytes = map.sharedBytes();
    int header = map.headerLength();
    writeRaw(bytes, header, bytes.length - header);
  }

  /**
   * Writes any value of {@link Msgpack}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public void writeValue(@Nullable Object value) throws IOException {
    switch (value) {
      case null -> writeNil();
      case Boolean b -> writeBoolean(b);
      case Long n -> writeLong(n);
      case Integer n -> writeLong(n);
      case Short n -> writeLong(n);
      case Byte n -> writeLong(n);
      case Double d -> writeDouble(d);
      case Float d -> writeDouble(d);
      case BigInteger n -> writeBig(n);
      case String s -> writeString(s);
      case byte[] b -> writeBinary(b);
      case PackedMap m -> writePacked(m);
      case Collection<?> list -> writeCollection(list);
      case Map<?, ?> map -> writeMap(map);
      default -> throw new IllegalArgumentException("not a MessagePack value: " + value.getClass());
    }
  }

  @Override
  public void flush() throws IOException {
    spill();
    out.flush();
  }

  private void writeCollection(Collection<?> list) throws IOException {
    writeArrayHeader(list.size());
    for (Object element : list) {
      writeValue(element);
    }
  }

  private void writeMap(Map<?, ?> map) throws IOException {
    writeMapHeader(map.size());
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String key)) {
        throw new IllegalArgumentException("a key must be a string, not " + entry.getKey());
      }
      writeString(key);
      writeValue(entry.getValue());
    }
  }

  private void writeBig(BigInteger value) throws IOException {
    if (value.bitLength() > 64 || value.signum() < 0) {
      writeLong(value.longValueExact());
    } else {
      writeUnsigned(value.longValue());
    }
  }

  private void writeUnsigned(long value) throws IOException {
    if (value < 0) {
      tagged(0xcf, value, 8);
    } else if (value < 1 << 7) {
      put((int) value);
    } else if (value < 1 << 8) {
      tagged(0xcc, value, 1);
    } else if (value < 1 << 16) {
      tagged(0xcd, value, 2);
    } else if (value < 1L << 32) {
      tagged(0xce, value, 4);
    } else {
      tagged(0xcf, value, 8);
    }
  }

  private void header(long size, int shortTag, int shortMax, int tag16, int tag32)
      throws IOException {
    if (size <= shortMax) {
      put(shortTag | (int) size);
    } else if (size < 1 << 16) {
      tagged(tag16, size, 2);
    } else {
      tagged(tag32, size, 4);
    }
  }

  private void tagged(int tag, long value, int bytes) throws IOException {
    put(tag);
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      put((int) (value >>> shift));
    }
  }

  private void put(int value) throws IOException {
    if (filled == buffer.length) {
      spill();
    }
    buffer[filled++] = (byte) value;
  }

  private void spill() throws IOException {
    out.write(buffer, 0, filled);
    filled = 0;
  }
}
