package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 answer: its head, and its body if that is wanted and small.
 *
 * @param status the HTTP status
 * @param headers by lower-case name; of repeated ones the last
 * @param body the body of a 200, or null where it is not wanted or too large
 * @param leavesConnectionOpen the body has been read to its end, and the server keeps listening
 */
record Answer(
    int status,
    Map<String, String> headers,
    @Nullable BytesContent body,
    boolean leavesConnectionOpen) {
  private static final int MAX_HEAD = 64 << 10;
  private static final int MAX_SKIPPED = 64 << 10;

  Answer {
    headers = Map.copyOf(headers);
  }

  @Nullable String header(String name) {
    return headers.get(name);
  }

  /**
   * Reads one answer.
   *
   * @param most bytes that the body of a 200 may have to be kept; 0 when it is not wanted
   * @throws EOFException when the stream ends within it
   */
  static Answer read(InputStream in, int most) throws IOException {
    while (true) {
      int status = statusOf(line(in));
      Map<String, String> headers = headers(in);
      if (status >= 200) {
        return status == 200 && most > 0
            ? kept(in, headers, most)
            : new Answer(status, headers, null, skipBody(in, status, headers));
      }
    }
  }

  private static Answer kept(InputStream in, Map<String, String> headers, int most)
      throws IOException {
    byte[] body =
        headers.containsKey("transfer-encoding")
            ? chunked(in, headers, most)
            : plain(in, length(headers), most);
    if (body == null) {
      return new Answer(200, headers, null, false);
    }
    boolean open = !"close".equalsIgnoreCase(headers.get("connection"));
    return new Answer(200, headers, (BytesContent) Content.of(body), open);
  }

  private static byte @Nullable [] chunked(InputStream in, Map<String, String> headers, int most)
      throws IOException {
    return "chunked".equalsIgnoreCase(headers.get("transfer-encoding"))
        ? ChunkedBody.read(in, most)
        : null;
  }

  private static byte @Nullable [] plain(InputStream in, long length, int most) throws IOException {
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

  private static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        headers.put(name, line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  /** Reads a body of announced, small size; true when the next answer can follow behind it. */
  private static boolean skipBody(InputStream in, int status, Map<String, String> headers)
      throws IOException {
    if ("close".equalsIgnoreCase(headers.get("connection"))) {
      return false;
    }
    if (status == 204 || status == 304) {
      return true;
    }
    long length = headers.containsKey("transfer-encoding") ? -1 : length(headers);
    if (length < 0 || length > MAX_SKIPPED) {
      return false;
    }
    in.skipNBytes(length);
    return true;
  }

  private static long length(Map<String, String> headers) throws ProtocolException {
    String length = headers.get("content-length");
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw new ProtocolException("content-length is " + length);
    }
  }

  /** A line without its end. */
  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended within an answer");
      }
      if (line.length() == MAX_HEAD) {
        throw new ProtocolException("an answer's head is longer than " + MAX_HEAD + " bytes");
      }
      line.append((char) c);
    }
    int end = line.length();
    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
  }
}
