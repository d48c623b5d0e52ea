package dev.sheaf.ops;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of the log is kept, as the environment says. Durations are whole numbers with a unit,
 * {@code d}, {@code h}, {@code m} or {@code s}, several in a row added up: {@code 90d}, {@code
 * 1h30m}. A value that cannot be read is refused with its name.
 *
 * @param keepsDormant {@code SHEAF_KEEP_DORMANT_OPS}: {@code true} leaves dormant tables alone
 * @param dormantAfter {@code SHEAF_DORMANT_OPS_THRESHOLD}: a table whose newest op is older is
 *     dormant; 90 days by default, never less than a day
 * @param retention {@code SHEAF_OPS_RETENTION_DAYS}: ops older than this may go; empty, which is
 *     the default and also what 0 means, keeps everything
 * @param interval {@code SHEAF_OPS_RETENTION_SWEEP_INTERVAL}: time between two runs, an hour by
 *     default
 * @param batch {@code SHEAF_OPS_RETENTION_BATCH_LIMIT}: rows deleted by one statement, 10,000 by
 *     default
 * @param margin {@code SHEAF_OPS_RETENTION_CURSOR_MARGIN}: what is kept below the slowest peer's
 *     position, an hour by default; 0 for nothing
 */
public record RetentionOptions(
    boolean keepsDormant,
    Duration dormantAfter,
    Optional<Duration> retention,
    Duration interval,
    int batch,
    Duration margin) {

  /** Deleting more rows by one statement would come near the Data API's 45 seconds. */
  static final int MOST_ROWS = 10_000;

  private static final Duration LEAST_DORMANT = Duration.ofDays(1);
  private static final Pattern PART = Pattern.compile("(\\d{1,9})([dhms])");
  private static final Pattern WHOLE = Pattern.compile("(?:\\d{1,9}[dhms])+");
  private static final long MOST_DAYS = 36_500;

  public RetentionOptions {
    if (dormantAfter.compareTo(LEAST_DORMANT) < 0) {
      dormantAfter = LEAST_DORMANT;
    }
  }

  /**
   * Reads the variables; those that are absent or empty have their defaults.
   *
   * @throws SheafException of kind INVALID naming the variable at fault
   */
  public static RetentionOptions from(Map<String, String> environment) {
    Variables env = new Variables(environment);
    long days = env.number("SHEAF_OPS_RETENTION_DAYS", 0, 0, MOST_DAYS);
    return new RetentionOptions(
        env.flag("SHEAF_KEEP_DORMANT_OPS"),
        env.duration("SHEAF_DORMANT_OPS_THRESHOLD", Duration.ofDays(90), 1),
        days == 0 ? Optional.empty() : Optional.of(Duration.ofDays(days)),
        env.duration("SHEAF_OPS_RETENTION_SWEEP_INTERVAL", Duration.ofHours(1), 1),
        (int) env.number("SHEAF_OPS_RETENTION_BATCH_LIMIT", MOST_ROWS, 1, MOST_ROWS),
        env.duration("SHEAF_OPS_RETENTION_CURSOR_MARGIN", Duration.ofHours(1), 0));
  }

  /** A variable that is {@code true}, {@code false} or absent, which is false. */
  static boolean flag(Map<String, String> environment, String name) {
    return new Variables(environment).flag(name);
  }

  /**
   * A duration in the form of this class's own.
   *
   * @param least a shorter one counts as this
   * @throws SheafException of kind INVALID naming the variable
   */
  public static Duration duration(
      Map<String, String> environment, String name, Duration byDefault, Duration least) {
    Duration given = new Variables(environment).duration(name, byDefault, 1);
    return given.compareTo(least) < 0 ? least : given;
  }

  private record Variables(Map<String, String> values) {
    private Optional<String> text(String name) {
      return Optional.ofNullable(values.get(name)).map(String::strip).filter(v -> !v.isEmpty());
    }

    boolean flag(String name) {
      return switch (text(name).orElse("false")) {
        case "true" -> true;
        case "false" -> false;
        case String other -> throw refused(name, other, "true or false");
      };
    }

    long number(String name, long byDefault, long least, long most) {
      Optional<String> text = text(name);
      if (text.isEmpty()) {
        return byDefault;
      }
      try {
        long number = Long.parseLong(text.get());
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Refused below, like a number out of range.
      }
      throw refused(name, text.get(), "a whole number from " + least + " to " + most);
    }

    Duration duration(String name, Duration byDefault, long leastSeconds) {
      Optional<String> text = text(name);
      if (text.isEmpty()) {
        return byDefault;
      }
      Duration duration = sum(name, text.get());
      if (duration.toSeconds() < leastSeconds) {
        throw refused(name, text.get(), "at least " + leastSeconds + "s");
      }
      return duration;
    }

    private static Duration sum(String name, String text) {
      if (text.equals("0")) {
        return Duration.ZERO;
      }
      if (!WHOLE.matcher(text).matches()) {
        throw refused(name, text, "a duration such as 90d, 36h, 15m or 1h30m");
      }
      Duration sum = Duration.ZERO;
      for (Matcher part = PART.matcher(text); part.find(); ) {
        long number = Long.parseLong(part.group(1));
        sum =
            sum.plus(
                switch (part.group(2)) {
                  case "d" -> Duration.ofDays(number);
                  case "h" -> Duration.ofHours(number);
                  case "m" -> Duration.ofMinutes(number);
                  default -> Duration.ofSeconds(number);
                });
      }
      return sum;
    }

    private static SheafException refused(String name, String value, String expected) {
      return new SheafException(
          ErrorKind.INVALID,
          "environment variable %s is '%s'; expected %s".formatted(name, value, expected));
    }
  }
}
