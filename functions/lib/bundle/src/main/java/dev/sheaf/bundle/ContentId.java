package dev.sheaf.bundle;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A SHA-256, the name of a piece of content: of an object (its decompressed bytes), a bundle or a
 * pack (its wire bytes).
 *
 * <p>Text forms: 64 lowercase hex digits ({@link #hex()}, used in keys and in the catalog), the
 * same with {@code sha256:} in front ({@link #prefixed()}, the bundle dialect), and base64 ({@link
 * #base64()}, the header {@code x-amz-checksum-sha256}). Ordered as unsigned bytes, which is also
 * the order of the hex text.
 */
public final class ContentId implements Comparable<ContentId> {
  /** Length of the raw form in bytes. */
  public static final int LENGTH = 32;

  private static final String PREFIX = "sha256:";
  private static final HexFormat HEX = HexFormat.of();

  private final byte[] bytes;

  private ContentId(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads an id in hex, with or without {@code sha256:} in front; upper-case digits are accepted.
   *
   * @throws SheafException of kind {@link ErrorKind#INVALID} when the text is neither
   */
  public static ContentId parse(String text) {
    String hex = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    if (hex.length() != 2 * LENGTH) {
      throw malformed(text);
    }
    try {
      return new ContentId(HEX.parseHex(hex));
    } catch (IllegalArgumentException e) {
      throw malformed(text);
    }
  }

  /** Whether {@link #parse} would accept the text. */
  public static boolean isValid(String text) {
    String hex = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    return hex.length() == 2 * LENGTH && hex.chars().allMatch(HexFormat::isHexDigit);
  }

  /** The id whose raw form is these 32 bytes, which are copied. */
  public static ContentId ofBytes(byte[] raw) {
    if (raw.length != LENGTH) {
      throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + raw.length);
    }
    return new ContentId(raw.clone());
  }

  /** The id in the form of the header {@code x-amz-checksum-sha256}. */
  public static ContentId ofBase64(String base64) {
    return ofBytes(Base64.getDecoder().decode(base64));
  }

  /** 64 lowercase hex digits. */
  public String hex() {
    return HEX.formatHex(bytes);
  }

  /** {@code sha256:} and 64 lowercase hex digits. */
  public String prefixed() {
    return PREFIX + hex();
  }

  /** Standard base64 with padding, 44 characters. */
  public String base64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** A copy of the 32 raw bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  @Override
  public int compareTo(ContentId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ContentId that && Arrays.equals(bytes, that.bytes);
  }

  /** The first four bytes: they are as evenly spread as any. */
  @Override
  public int hashCode() {
    return (bytes[0] & 0xff) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | (bytes[3] & 0xff);
  }

  @Override
  public String toString() {
    return hex();
  }

  private static SheafException malformed(String text) {
    String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return new SheafException(
        ErrorKind.INVALID,
        "not a SHA-256 id: '" + shown + "'; expected 64 hex digits, optionally after 'sha256:'");
  }
}
