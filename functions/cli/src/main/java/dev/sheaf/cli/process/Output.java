package dev.sheaf.cli.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How results are written. */
public final class Output {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Output() {}

  /** A value as one line of JSON, with what a terminal would obey escaped. */
  public static String json(@Nullable Object value) {
    try {
      return Visible.line(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a JSON-able value", e);
    }
  }

  /** A number of bytes for people. */
  public static String bytes(long count) {
    if (count < 10_000) {
      return count + " B";
    }
    return count < 10_000_000
        ? String.format(Locale.ROOT, "%.1f kB", count / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", count / 1e6);
  }

  /** A number and its noun. */
  public static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** Milliseconds for people. */
  public static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.2f s", millis / 1e3);
  }
}
