package dev.sheaf.api.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a body, as the header {@code Range} asks for it.
 *
 * @param offset first byte
 * @param length number of bytes, at least one
 */
public record ByteRange(long offset, long length) {
  private static final Pattern SINGLE =
      Pattern.compile("bytes=([0-9]*)-([0-9]*)", Pattern.CASE_INSENSITIVE);

  /** More digits than these stand for a number behind every end. */
  private static final int MAX_DIGITS = 18;

  /**
   * The part that a request asks for; empty for all of it, and for every form of range that a
   * server may ignore (several parts, other units, nonsense), or that {@code If-Range} wants only
   * of another version.
   *
   * @param size length of the whole
   * @param etag names the whole
   * @throws HttpFailure 416 when the range begins behind the end
   */
  public static Optional<ByteRange> of(Request request, long size, String etag) {
    if (!request.header("If-Range").orElse(etag).strip().equals(etag)) {
      return Optional.empty();
    }
    Matcher range = SINGLE.matcher(request.header("Range").orElse(""));
    if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
      return Optional.empty();
    }
    if (range.group(1).isEmpty()) {
      long suffix = Math.min(number(range.group(2)), size);
      return Optional.of(satisfiable(size - suffix, suffix, size));
    }
    long first = number(range.group(1));
    long last = range.group(2).isEmpty() ? size - 1 : number(range.group(2));
    if (!range.group(2).isEmpty() && last < first) {
      return Optional.empty();
    }
    return Optional.of(satisfiable(first, Math.min(last, size - 1) - first + 1, size));
  }

  private static long number(String digits) {
    return digits.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  /** The value of the header {@code Content-Range}. */
  public String contentRange(long size) {
    return "bytes " + offset + "-" + (offset + length - 1) + "/" + size;
  }

  private static ByteRange satisfiable(long offset, long length, long size) {
    if (offset >= size || length < 1) {
      throw HttpFailure.unsatisfiableRange("the object has only " + size + " bytes", size);
    }
    return new ByteRange(offset, length);
  }
}
