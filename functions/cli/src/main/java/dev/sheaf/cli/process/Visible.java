package dev.sheaf.cli.process;

/**
 * Text of others on its way to a terminal: what would move the cursor, change colours or turn the
 * reading direction is written as JSON writes it, {@code \}{@code u001b} for instance. So a whole
 * JSON document may go through, and means the same behind.
 */
public final class Visible {
  private Visible() {}

  /** A name, a subject, a message: one line, whatever it holds. */
  public static String line(String text) {
    return of(text, false);
  }

  /** Several lines; their ends and tabs stay. */
  public static String block(String text) {
    return of(text, true);
  }

  private static String of(String text, boolean block) {
    int first = 0;
    while (first < text.length() && !isHidden(text, first, block)) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    StringBuilder visible = new StringBuilder(text.length() + 16).append(text, 0, first);
    for (int at = first; at < text.length(); at++) {
      if (isHidden(text, at, block)) {
        visible.append(escaped(text.charAt(at)));
      } else {
        visible.append(text.charAt(at));
      }
    }
    return visible.toString();
  }

  private static String escaped(char unit) {
    return switch (unit) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> "\\u%04x".formatted((int) unit);
    };
  }

  /** By units of UTF-16: half of a pair is hidden when the pair stands for something hidden. */
  private static boolean isHidden(String text, int at, boolean block) {
    char unit = text.charAt(at);
    if (unit >= 0x20 && unit < 0x7f) {
      return false;
    }
    return switch (unit) {
      case '\n', '\t' -> !block;
      // Marks, embeddings, overrides and isolates of the reading direction.
      case 0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e -> true;
      case 0x2066, 0x2067, 0x2068, 0x2069 -> true;
      // Ends of lines and paragraphs; what has no width at all.
      case 0x2028, 0x2029, 0x200b, 0x2060, 0xfeff, 0xfff9, 0xfffa, 0xfffb -> true;
      default ->
          Character.isISOControl(unit)
              || (Character.isSurrogate(unit) && isHiddenHalf(text, at, unit));
    };
  }

  /** A half alone, or of a tag (U+E0000 to U+E0FFF, which nothing shows). */
  private static boolean isHiddenHalf(String text, int at, char unit) {
    int start = Character.isLowSurrogate(unit) ? at - 1 : at;
    int point = start < 0 ? unit : text.codePointAt(start);
    return point <= Character.MAX_VALUE || (point >= 0xe0000 && point <= 0xe0fff);
  }
}
