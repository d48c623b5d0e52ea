package dev.sheaf.api.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Paths as a gateway delivers them. */
public final class RequestPath {
  private RequestPath() {}

  /**
   * The decoded segments of a percent-encoded path. An encoded slash stays inside its segment; one
   * trailing slash counts for nothing.
   *
   * @throws HttpFailure 404 for empty segments, {@code .}, {@code ..}, control characters and what
   *     is no Unicode: no route has them, and none may reach a key or a statement
   */
  public static List<String> segments(String encoded) {
    String path = encoded.startsWith("/") ? encoded.substring(1) : encoded;
    if (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    List<String> segments = new ArrayList<>();
    if (path.isEmpty()) {
      return segments;
    }
    for (String part : path.split("/", -1)) {
      segments.add(checked(decode(part)));
    }
    return segments;
  }

  /**
   * The path without a custom domain's base path: API Gateway leaves that in {@code path}, while
   * the decoded value of {@code {proxy+}} begins after it.
   */
  public static String withoutBasePath(String encoded, @Nullable String proxy) {
    if (proxy == null) {
      return encoded;
    }
    String decoded = decode(encoded);
    if (decoded.endsWith("/" + proxy)) {
      String base = decoded.substring(0, decoded.length() - proxy.length() - 1);
      if (encoded.startsWith(base + "/")) {
        return encoded.substring(base.length());
      }
    }
    return encoded;
  }

  /** Percent-decodes; what is not an escape is taken literally. */
  static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static String checked(String segment) {
    boolean strange = segment.isEmpty() || segment.equals(".") || segment.equals("..");
    if (strange || segment.codePoints().anyMatch(RequestPath::isUnfit)) {
      throw HttpFailure.notFound(
          "no_route",
          "no such path: it has an empty segment, '.', '..', a control character or bytes that are"
              + " not UTF-8");
    }
    return segment;
  }

  /** U+FFFD is what the decoder makes of bytes that are not UTF-8. */
  private static boolean isUnfit(int character) {
    return Character.isISOControl(character)
        || Character.getType(character) == Character.SURROGATE
        || character == 0xfffd;
  }
}
