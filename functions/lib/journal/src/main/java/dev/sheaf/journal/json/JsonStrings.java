package dev.sheaf.journal.json;

import java.nio.charset.StandardCharsets;

/** Reads the inside of one quoted string. */
final class JsonStrings {
  private static final char REPLACEMENT = '\ufffd';

  private final byte[] bytes;
  private int at;

  /** Starts behind the opening quote. */
  JsonStrings(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The position behind the closing quote, once read. */
  int position() {
    return at;
  }

  String read() {
    int start = at;
    while (at < bytes.length) {
      byte c = bytes[at];
      if (c == '"') {
        return SharedStrings.ascii(bytes, start, at++ - start);
      }
      if (c < 0x20 || c == '\\') { // bytes are signed: beyond ASCII is below zero
        return readSlowly(start);
      }
      at++;
    }
    throw unterminated();
  }

  /** From the first byte that does not stand for itself. */
  private String readSlowly(int start) {
    StringBuilder text =
        new StringBuilder(new String(bytes, start, at - start, StandardCharsets.ISO_8859_1));
    while (at < bytes.length) {
      int c = bytes[at] & 0xff;
      if (c == '"') {
        at++;
        return text.toString();
      }
      if (c == '\\') {
        escape(text);
      } else if (c < 0x20) {
        throw new JsonSyntaxException("at byte " + at + ": control character in a string");
      } else if (c < 0x80) {
        text.append((char) c);
        at++;
      } else {
        text.appendCodePoint(codePoint(c));
      }
    }
    throw unterminated();
  }

  private void escape(StringBuilder text) {
    int c = at + 1 < bytes.length ? bytes[at + 1] : -1;
    if (c == 'u') {
      unicode(text);
      return;
    }
    text.append(
        switch (c) {
          case '"', '\\', '/' -> (char) c;
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          default -> throw new JsonSyntaxException("at byte " + at + ": unknown escape");
        });
    at += 2;
  }

  private void unicode(StringBuilder text) {
    int unit = hex(at);
    if (unit < 0) {
      throw new JsonSyntaxException("at byte " + at + ": four hex digits must follow \\u");
    }
    at += 6;
    if (!Character.isSurrogate((char) unit)) {
      text.append((char) unit);
      return;
    }
    int second = hex(at);
    if (second >= 0 && Character.isSurrogatePair((char) unit, (char) second)) {
      text.append((char) unit).append((char) second);
      at += 6;
    } else {
      text.append(REPLACEMENT); // alone; what follows is read on its own
    }
  }

  /** The unit of the escape at this position, or -1 where none is. */
  private int hex(int from) {
    if (from + 6 > bytes.length || bytes[from] != '\\' || bytes[from + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = from + 2; i < from + 6; i++) {
      int digit = bytes[i] < 0 ? -1 : Character.digit(bytes[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = (unit << 4) | digit;
    }
    return unit;
  }

  /** Decodes one code point; a byte that begins none is consumed alone. */
  private int codePoint(int first) {
    int size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    int point = first & (0x7f >> size);
    for (int i = 1; i < size; i++) {
      int next = at + i < bytes.length ? bytes[at + i] & 0xff : 0;
      if ((next & 0xc0) != 0x80) {
        at++;
        return REPLACEMENT;
      }
      point = (point << 6) | (next & 0x3f);
    }
    if (first < 0xc2 || first > 0xf4 || !isCanonical(point, size)) {
      at++;
      return REPLACEMENT;
    }
    at += size;
    return point;
  }

  /** Neither overlong, nor a surrogate, nor beyond Unicode. */
  private static boolean isCanonical(int point, int size) {
    return switch (size) {
      case 2 -> point >= 0x80;
      case 3 -> point >= 0x800 && (point < 0xd800 || point > 0xdfff);
      default -> point >= 0x10000 && point <= 0x10ffff;
    };
  }

  private JsonSyntaxException unterminated() {
    return new JsonSyntaxException("at byte " + at + ": the text ends inside a string");
  }
}
