package dev.sheaf.storage.s3.direct;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Dates as HTTP servers write them (RFC 9110, IMF-fixdate): {@code Sun, 06 Nov 1994 08:49:37 GMT}.
 * By hand, because a {@link java.time.format.DateTimeFormatter} takes a sixth of the time of a
 * small GET.
 */
final class HttpDate {
  private static final String SHAPE = "Sun, 06 Nov 1994 08:49:37 GMT";
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  private HttpDate() {}

  /**
   * Reads a date; the day of the week is not looked at.
   *
   * @throws DateTimeException when it is none
   */
  static Instant parse(String text) {
    if (text.length() != SHAPE.length() || !text.endsWith(" GMT")) {
      throw new DateTimeException("not an HTTP date: " + text);
    }
    int month = MONTHS.indexOf(text.substring(8, 11));
    if (month % 3 != 0) {
      throw new DateTimeException("no month in " + text);
    }
    try {
      return LocalDateTime.of(
              number(text, 12, 16),
              month / 3 + 1,
              number(text, 5, 7),
              number(text, 17, 19),
              number(text, 20, 22),
              number(text, 23, 25))
          .toInstant(ZoneOffset.UTC);
    } catch (NumberFormatException e) {
      throw new DateTimeException("not an HTTP date: " + text, e);
    }
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }
}
