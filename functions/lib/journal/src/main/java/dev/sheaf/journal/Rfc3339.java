package dev.sheaf.journal;

import dev.sheaf.journal.json.JsonSyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Time stamps in the form that marks are written in, which {@link Instant#toString} is not. Offsets
 * go to 23:59, which is more than {@link ZoneOffset} takes.
 */
final class Rfc3339 {
  private static final Pattern STAMP =
      Pattern.compile(
          "(\\d{4})-(\\d{2})-(\\d{2})T(\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d+))?"
              + "(?:Z|([+-])([01]\\d|2[0-3]):([0-5]\\d))");

  /** As many digits of the fraction as it needs. */
  private static final DateTimeFormatter LOCAL =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter(Locale.ROOT);

  private Rfc3339() {}

  /** A moment, and how far east of UTC its text was written. */
  record Stamp(Instant instant, int offsetMinutes) {}

  static Stamp parse(String text) {
    Matcher parts = STAMP.matcher(text);
    if (!parts.matches()) {
      throw new JsonSyntaxException("not an RFC 3339 time: \"" + text + "\"");
    }
    try {
      LocalDateTime local =
          LocalDateTime.of(
              number(parts, 1),
              number(parts, 2),
              number(parts, 3),
              number(parts, 4),
              number(parts, 5),
              number(parts, 6),
              nanos(parts.group(7)));
      int offset = offsetMinutes(parts);
      return new Stamp(local.minusMinutes(offset).toInstant(ZoneOffset.UTC), offset);
    } catch (DateTimeException e) {
      throw new JsonSyntaxException("not a time: \"" + text + "\": " + e.getMessage());
    }
  }

  private static int number(Matcher parts, int group) {
    return Integer.parseInt(parts.group(group));
  }

  private static int nanos(@Nullable String fraction) {
    return fraction == null ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9));
  }

  private static int offsetMinutes(Matcher parts) {
    if (parts.group(8) == null) {
      return 0;
    }
    int minutes = number(parts, 9) * 60 + number(parts, 10);
    return parts.group(8).equals("-") ? -minutes : minutes;
  }

  static String format(Instant instant, int offsetMinutes) {
    LocalDateTime local =
        LocalDateTime.ofInstant(instant, ZoneOffset.UTC).plusMinutes(offsetMinutes);
    if (offsetMinutes == 0) {
      return LOCAL.format(local) + "Z";
    }
    int size = Math.abs(offsetMinutes);
    char sign = offsetMinutes < 0 ? '-' : '+';
    return LOCAL.format(local) + String.format("%c%02d:%02d", sign, size / 60, size % 60);
  }
}
