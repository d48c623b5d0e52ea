package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 answer: its head, and its body if that is wanted and small.
 *
 * @param status the HTTP status
 * @param headers by lower-case name; of repeated ones the last
 * @param body the body of a 200 or of an error, or null where it is not wanted or too large
 * @param leavesConnectionOpen the body has been read to its end, and the server keeps listening
 */
record Answer(
    int status,
    Map<String, String> headers,
    @Nullable BytesContent body,
    boolean leavesConnectionOpen) {
  private static final int MAX_SKIPPED = 64 << 10;

  Answer {
    headers = Collections.unmodifiableMap(headers);
  }

  @Nullable String header(String name) {
    return headers.get(name);
  }

  /**
   * Reads one answer.
   *
   * @param most bytes that the body of a 200 may have to be kept, and that of an error if it is
   *     small; 0 when none is wanted; -1 when none comes, as after HEAD
   * @throws EOFException when the stream ends within it
   */
  static Answer read(AnswerStream in, int most) throws IOException {
    while (true) {
      int status = statusOf(in.line());
      Map<String, String> headers = headers(in);
      if (status >= 200) {
        boolean bodiless = most < 0 || status == 204 || status == 304;
        return most > 0 && (status == 200 || status >= 400)
            ? kept(in, status, headers, status == 200 ? most : Math.min(most, MAX_SKIPPED))
            : new Answer(status, headers, null, bodiless ? isOpen(headers) : skip(in, headers));
      }
    }
  }

  /** Whether the body says this; bodies of errors are short, and in XML. */
  boolean says(String text) {
    return body != null && new String(body.bytes(), StandardCharsets.UTF_8).contains(text);
  }

  private static Answer kept(AnswerStream in, int status, Map<String, String> headers, int most)
      throws IOException {
    byte[] body =
        headers.containsKey("transfer-encoding")
            ? chunked(in, headers, most)
            : plain(in, length(headers), most);
    if (body == null) {
      return new Answer(status, headers, null, false);
    }
    return new Answer(status, headers, (BytesContent) Content.of(body), isOpen(headers));
  }

  private static byte @Nullable [] chunked(AnswerStream in, Map<String, String> headers, int most)
      throws IOException {
    return "chunked".equalsIgnoreCase(headers.get("transfer-encoding"))
        ? ChunkedBody.read(in, most)
        : null;
  }

  private static byte @Nullable [] plain(AnswerStream in, long length, int most)
      throws IOException {
    if (length < 0 || length > most) {
      return null;
    }
    byte[] body = new byte[(int) length];
    int read = in.readNBytes(body, 0, body.length);
    if (read < body.length) {
      throw new EOFException("the connection ended after " + read + " of " + length);
    }
    return body;
  }

  private static int statusOf(String line) throws IOException {
    boolean http = line.startsWith("HTTP/1.1 ") && line.length() >= 12;
    try {
      return Integer.parseInt(http ? line.substring(9, 12) : "");
    } catch (NumberFormatException e) {
      throw new ProtocolException("not an HTTP/1.1 answer: " + line);
    }
  }

  private static Map<String, String> headers(AnswerStream in) throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = in.line(); !line.isEmpty(); line = in.line()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        headers.put(name, line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  /** Reads a body of announced, small size; true when the next answer can follow behind it. */
  private static boolean skip(AnswerStream in, Map<String, String> headers) throws IOException {
    if (!isOpen(headers)) {
      return false;
    }
    long length = headers.containsKey("transfer-encoding") ? -1 : length(headers);
    if (length < 0 || length > MAX_SKIPPED) {
      return false;
    }
    in.skipNBytes(length);
    return true;
  }

  private static boolean isOpen(Map<String, String> headers) {
    return !"close".equalsIgnoreCase(headers.get("connection"));
  }

  private static long length(Map<String, String> headers) throws ProtocolException {
    String length = headers.get("content-length");
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw new ProtocolException("content-length is " + length);
    }
  }
}
