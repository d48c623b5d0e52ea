package dev.sheaf.storage.s3.direct;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Dates as listings show them: {@code 2026-07-04T10:00:00.000Z}. */
final class ListedDate {
  private static final String SHAPE = "dddd-dd-ddTdd:dd:dd.dddZ";

  private ListedDate() {}

  /**
   * Reads a date. The usual form by hand, because there are a thousand in a page and a formatter
   * takes as long for one as everything else about its entry; of other precision by the JDK.
   *
   * @throws DateTimeException when it is none
   */
  static Instant parse(String text) {
    if (!isUsual(text)) {
      return Instant.parse(text);
    }
    return LocalDateTime.of(
            number(text, 0, 4),
            number(text, 5, 7),
            number(text, 8, 10),
            number(text, 11, 13),
            number(text, 14, 16),
            number(text, 17, 19),
            number(text, 20, 23) * 1_000_000)
        .toInstant(ZoneOffset.UTC);
  }

  private static boolean isUsual(String text) {
    if (text.length() != SHAPE.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char wanted = SHAPE.charAt(i);
      if (wanted == 'd' ? c < '0' || c > '9' : c != wanted) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }
}
