package dev.sheaf.storage.catalog;

import org.jspecify.annotations.Nullable;

/**
 * How many bytes values take in a Data API request, so that bulk writes can be split to fit: texts
 * as JSON strings, bytes as base64.
 */
public final class EncodedSize {
  /** The greatest request, in bytes: statement and all parameters together. */
  public static final long REQUEST_LIMIT = 4L << 20;

  /** The greatest result, in bytes. */
  public static final long RESULT_LIMIT = 1L << 20;

  /** The greatest row of a result, in bytes. */
  public static final long ROW_LIMIT = 64L << 10;

  /** What bulk parameters of one statement may take together, leaving room for all else. */
  public static final long BULK_LIMIT = REQUEST_LIMIT - (64L << 10);

  /** Name, type and punctuation of a parameter. */
  private static final long PARAMETER = 64;

  /** ARNs, database, transaction id and punctuation of a request. */
  private static final long ENVELOPE = 1024;

  /** Sizes of the first characters: of megabytes of text this is asked again and again. */
  private static final byte[] ASCII = new byte[0x80];

  static {
    for (char c = 0; c < ASCII.length; c++) {
      ASCII[c] = (byte) ofChar(c);
    }
  }

  private EncodedSize() {}

  /** Size of a text inside JSON, without its quotes. */
  public static long ofText(String text) {
    long size = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      size += c < ASCII.length ? ASCII[c] : ofChar(c);
    }
    return size;
  }

  /** Size of this many bytes as base64. */
  public static long ofBytes(long length) {
    return (length + 2) / 3 * 4;
  }

  /** Size of a whole request, never less than what is really sent. */
  public static long of(Statement statement) {
    long size = ENVELOPE + ofText(statement.sql());
    for (var parameter : statement.parameters().entrySet()) {
      size += PARAMETER + ofText(parameter.getKey()) + ofValue(parameter.getValue());
    }
    return size;
  }

  private static long ofValue(@Nullable Object value) {
    return switch (value) {
      case String text -> ofText(text);
      case byte[] bytes -> ofBytes(bytes.length);
      case null, default -> 24;
    };
  }

  private static int ofChar(char c) {
    if (c == '"' || c == '\\') {
      return 2;
    }
    if (c < 0x20) {
      return 6;
    }
    if (c < 0x80) {
      return 1;
    }
    // A surrogate pair is 4 bytes in UTF-8: 2 for each half, but escaped it would be 12.
    return c < 0x800 ? 2 : Character.isSurrogate(c) ? 6 : 3;
  }
}
