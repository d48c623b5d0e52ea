package dev.sheaf.bundle.msgpack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map kept in its MessagePack form: compact to hold, and lossless, because what was
 * read is written again byte for byte. Equal when the bytes are.
 */
public final class PackedMap {
  /** The map without entries. */
  public static final PackedMap EMPTY = new PackedMap(new byte[] {(byte) 0x80});

  private final byte[] bytes;

  private PackedMap(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Packs a map of {@link Msgpack} values. */
  public static PackedMap of(Map<String, ? extends @Nullable Object> map) {
    return map.isEmpty() ? EMPTY : new PackedMap(Msgpack.encode(map));
  }

  /**
   * Takes bytes that {@link #bytes()} gave, for instance out of a database.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when they are not one map
   */
  public static PackedMap ofBytes(byte[] bytes) {
    Msgpack.decodeMap(bytes);
    return new PackedMap(bytes.clone());
  }

  /** Collects entries whose values are encoded already. */
  public static final class Builder {
    private final ByteArrayOutputStream entries = new ByteArrayOutputStream(256);
    private int count;

    /**
     * Adds an entry.
     *
     * @param value one encoded value, as {@link MsgpackReader#readEncoded} gives it
     */
    public void put(String key, byte[] value) {
      entries.writeBytes(Msgpack.encode(key));
      entries.writeBytes(value);
      count++;
    }

    /** The map of all entries. */
    public PackedMap build() {
      if (count == 0) {
        return EMPTY;
      }
      byte[] header = Msgpack.encodeMapHeader(count);
      byte[] bytes = Arrays.copyOf(header, header.length + entries.size());
      System.arraycopy(entries.toByteArray(), 0, bytes, header.length, entries.size());
      return new PackedMap(bytes);
    }
  }

  /** Takes bytes that a reader has checked already. */
  static PackedMap trusted(byte[] bytes) {
    return bytes.length == 1 ? EMPTY : new PackedMap(bytes);
  }

  /** A copy of the encoded map. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Length of the encoded map in bytes. */
  public int size() {
    return bytes.length;
  }

  /** Whether the map has no entries. */
  public boolean isEmpty() {
    return bytes[0] == EMPTY.bytes[0];
  }

  /** The entries as {@link Msgpack} values, decoded anew at each call. */
  public Map<String, @Nullable Object> toMap() {
    return Msgpack.decodeMap(bytes);
  }

  /** The value of one key, decoded alone; null when absent or nil. */
  public @Nullable Object get(String key) {
    try {
      MsgpackReader reader = open();
      int entries = reader.readMapHeader();
      for (int i = 0; i < entries; i++) {
        if (reader.readString().equals(key)) {
          return reader.readValue();
        }
        reader.skipValue();
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /** A reader that stands before the map's header. */
  public MsgpackReader open() {
    return new MsgpackReader(bytes);
  }

  /** Number of entries. */
  public int entryCount() {
    try {
      return open().readMapHeader();
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  byte[] sharedBytes() {
    return bytes;
  }

  /** Where the first entry begins. */
  int headerLength() {
    return switch (bytes[0] & 0xff) {
      case 0xde -> 3;
      case 0xdf -> 5;
      default -> 1;
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PackedMap that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return toMap().toString();
  }
}
