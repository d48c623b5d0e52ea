package dev.sheaf.cli.remote;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

/**
 * Text as git puts it in quotes (its {@code quote_c_style}), where a byte would not pass as it is:
 * those of other languages, mostly. One character stands for one byte.
 */
final class CQuoted {
  private static final String ESCAPED = "abtnvfr\"\\";
  private static final String MEANT = "\u0007\b\t\n\u000b\f\r\"\\";

  private CQuoted() {}

  /** What is meant; text that is in no quotes is meant as it is. */
  static String plain(String text) {
    if (!text.startsWith("\"")) {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    int end = text.length() - 1;
    for (int at = 1; at < end; at++) {
      char next = text.charAt(at);
      if (next != '\\') {
        plain.append(next);
        continue;
      }
      char escaped = text.charAt(++at);
      int known = ESCAPED.indexOf(escaped);
      if (known >= 0) {
        plain.append(MEANT.charAt(known));
      } else {
        plain.append(octal(text, at));
        at += 2;
      }
    }
    return plain.toString();
  }

  private static char octal(String text, int at) {
    String digits = text.substring(at, Math.min(at + 3, text.length()));
    if (!digits.matches("[0-3][0-7]{2}")) {
      throw new SheafException(ErrorKind.INVALID, text + " is not quoted as git does it");
    }
    return (char) Integer.parseInt(digits, 8);
  }
}
