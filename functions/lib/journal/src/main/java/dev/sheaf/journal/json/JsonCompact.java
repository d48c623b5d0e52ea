package dev.sheaf.journal.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Takes the blanks out of a document and changes nothing else but to escape what HTML cannot hold.
 */
public final class JsonCompact {
  private JsonCompact() {}

  /**
   * The same document without blanks between its tokens, with {@code <}, {@code >}, {@code &},
   * U+2028 and U+2029 escaped. Member order, repeated members and the texts of numbers stay.
   *
   * @param document bytes that {@link JsonReader#parse} accepts
   */
  public static byte[] compact(byte[] document) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(document.length + 64);
    boolean inString = false;
    for (int i = 0; i < document.length; i++) {
      byte c = document[i];
      if (!inString && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
        continue;
      }
      if (c == '"') {
        inString = !inString;
      }
      if (c == '\\') { // with what it escapes, which may be a quote
        out.write(c);
        out.write(document[++i]);
      } else if (c == '<' || c == '>' || c == '&') {
        escape(out, c);
      } else if (isLineSeparator(document, i)) {
        escape(out, 0x2028 + (document[i + 2] & 1));
        i += 2;
      } else {
        out.write(c);
      }
    }
    return out.toByteArray();
  }

  /** U+2028 or U+2029: E2 80 A8 or E2 80 A9. */
  private static boolean isLineSeparator(byte[] text, int at) {
    return text[at] == (byte) 0xe2
        && at + 2 < text.length
        && text[at + 1] == (byte) 0x80
        && (text[at + 2] & ~1) == (byte) 0xa8;
  }

  private static void escape(ByteArrayOutputStream out, int c) {
    out.writeBytes(String.format("\\u%04x", c).getBytes(StandardCharsets.US_ASCII));
  }
}
