package dev.sheaf.journal;

import dev.sheaf.journal.json.JsonSyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Time stamps in the form that marks are written in, which {@link Instant#toString} is not. */
final class Rfc3339 {
  private static final Pattern STAMP =
      Pattern.compile(
          "(\\d{4})-(\\d{2})-(\\d{2})T(\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d+))?"
              + "(?:Z|([+-])(\\d{2}):(\\d{2}))");
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

  private Rfc3339() {}

  static OffsetDateTime parse(String text) {
    Matcher parts = STAMP.matcher(text);
    if (!parts.matches()) {
      throw new JsonSyntaxException("not an RFC 3339 time: \"" + text + "\"");
    }
    try {
      return OffsetDateTime.of(
          number(parts, 1),
          number(parts, 2),
          number(parts, 3),
          number(parts, 4),
          number(parts, 5),
          number(parts, 6),
          nanos(parts.group(7)),
          offset(parts));
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

  private static ZoneOffset offset(Matcher parts) {
    if (parts.group(8) == null) {
      return ZoneOffset.UTC;
    }
    int minutes = number(parts, 9) * 60 + number(parts, 10);
    return ZoneOffset.ofTotalSeconds(parts.group(8).equals("-") ? -minutes * 60 : minutes * 60);
  }

  static String format(Instant instant, ZoneOffset offset) {
    OffsetDateTime time = instant.atOffset(offset);
    StringBuilder text = new StringBuilder(SECONDS.format(time));
    if (time.getNano() != 0) {
      text.append('.').append(String.format("%09d", time.getNano()).replaceFirst("0+$", ""));
    }
    return text.append(offset.getId()).toString();
  }
}
