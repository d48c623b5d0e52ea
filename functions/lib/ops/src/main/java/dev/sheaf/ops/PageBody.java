package dev.sheaf.ops;

import dev.sheaf.bundle.Content;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON array of ops and a line's end. JSON comes in as Postgres prints it, and goes out in the
 * form that Go's encoder gives: without blanks, and inside texts {@code < > &} and U+2028 and
 * U+2029 escaped, so that it can stand inside HTML.
 */
public final class PageBody {
  /**
   * So many bytes go into one row of an answer of the catalog, and one record more, whatever its
   * length: both together keep below the 64 KB of a row.
   */
  static final int BYTES_A_ROW = 10_000;

  /** What a byte may become: an escape has six. */
  private static final int MOST_GROWTH = 6;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[1 << 12];
  private int size;

  PageBody() {
    bytes[size++] = '[';
  }

  /**
   * Adds ops at the end.
   *
   * @param json one or several, separated by commas
   */
  void add(String json) {
    byte[] in = json.getBytes(StandardCharsets.UTF_8);
    int most = Math.addExact(size + 1, Math.multiplyExact(in.length, MOST_GROWTH));
    if (most > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(most, 2 * bytes.length));
    }
    if (size > 1) {
      bytes[size++] = ',';
    }
    write(in);
  }

  private void write(byte[] json) {
    boolean isInText = false;
    for (int i = 0; i < json.length; i++) {
      byte c = json[i];
      switch (c) {
        case '"' -> {
          isInText = !isInText;
          bytes[size++] = c;
        }
        case '\\' -> {
          bytes[size++] = c;
          bytes[size++] = json[++i];
        }
        case ' ' -> {
          if (isInText) {
            bytes[size++] = c;
          }
        }
        // They stand nowhere but inside texts.
        case '<', '>', '&' -> escape(c);
        case (byte) 0xe2 -> {
          if (isSeparator(json, i)) {
            escape(0x2000 | (json[i + 2] & 0x3f));
            i += 2;
          } else {
            bytes[size++] = c;
          }
        }
        default -> bytes[size++] = c;
      }
    }
  }

  /** Whether U+2028 or U+2029 begins there. */
  private static boolean isSeparator(byte[] json, int at) {
    return json[at + 1] == (byte) 0x80
        && (json[at + 2] == (byte) 0xa8 || json[at + 2] == (byte) 0xa9);
  }

  private void escape(int c) {
    bytes[size++] = '\\';
    bytes[size++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[size++] = HEX[(c >> shift) & 0xf];
    }
  }

  /** Its length so far, without its end. */
  int size() {
    return size;
  }

  /** Takes back what was added since it had this length. */
  void cut(int length) {
    size = length;
  }

  /** The whole of it. */
  public Content content() {
    byte[] whole = Arrays.copyOf(bytes, size + 2);
    whole[size] = ']';
    whole[size + 1] = '\n';
    return Content.of(whole);
  }

  /** The whole of it as a text. */
  public String text() {
    return new String(bytes, 0, size, StandardCharsets.UTF_8) + "]\n";
  }
}
