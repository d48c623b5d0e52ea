package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * The one way in which S3 writes a path when it checks a signature: decoded once, and encoded again
 * with everything but unreserved characters and slashes escaped in capitals. Clients may send the
 * same path in other ways ({@code %7E} for {@code ~}, {@code %c3} for {@code %C3}).
 */
final class CanonicalPath {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private CanonicalPath() {}

  /**
   * Rewrites a path as it stands in a request line.
   *
   * @throws IllegalArgumentException when an escape is none
   */
  static String of(String raw) {
    StringBuilder path = new StringBuilder(raw.length());
    for (byte b : decode(raw)) {
      char c = (char) (b & 0xFF);
      if (isUnreserved(c) || c == '/') {
        path.append(c);
      } else {
        path.append('%').append(HEX.toHexDigits(b));
      }
    }
    return path.toString();
  }

  /** The bytes of a text with its escapes decoded; a plus sign is a plus sign. */
  static byte[] decode(String raw) {
    byte[] encoded = raw.getBytes(raw.chars().allMatch(c -> c < 0x100) ? ISO_8859_1 : UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length);
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] == '%') {
        if (i + 2 >= encoded.length) {
          throw new IllegalArgumentException("the path ends within an escape");
        }
        bytes.write(HexFormat.fromHexDigits(new String(encoded, i + 1, 2, ISO_8859_1)));
        i += 2;
      } else {
        bytes.write(encoded[i]);
      }
    }
    return bytes.toByteArray();
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }
}
