package dev.sheaf.storage.s3.direct;

import java.nio.charset.StandardCharsets;

/**
 * Percent-encoding as signatures demand it: all but RFC 3986's unreserved characters, in upper-case
 * hexadecimal.
 */
final class PercentEncoding {
  private static final String MARKS = "-_.~";

  private PercentEncoding() {}

  /** A key as it stands in a path, where slashes stay. */
  static String ofKey(String key) {
    return encoded(key, MARKS + "/");
  }

  /** A name or a value of a query. */
  static String ofQuery(String text) {
    return encoded(text, MARKS);
  }

  private static String encoded(String text, String marks) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || marks.indexOf(c) >= 0);
      if (plain) {
        encoded.append(c);
      } else {
        encoded.append('%').append(hexDigit(c >> 4)).append(hexDigit(c & 15));
      }
    }
    return encoded.toString();
  }

  private static char hexDigit(int value) {
    return "0123456789ABCDEF".charAt(value);
  }
}
