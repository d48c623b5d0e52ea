package dev.sheaf.api.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The one log line of a request, gathered on the way: {@code [api] key=value key="two words" ...}.
 * Used by the request's own thread only.
 */
public final class LogLine {
  private static final Pattern PLAIN = Pattern.compile("[^\\s\"=\\p{Cntrl}]+");
  private static final int MAX_VALUE = 400;

  private final Map<String, String> values = new LinkedHashMap<>();

  /** Adds a value; of a repeated name the last is kept. */
  public LogLine put(String name, Object value) {
    values.put(name, value.toString());
    return this;
  }

  @Override
  public String toString() {
    StringBuilder line = new StringBuilder("[api]");
    values.forEach((name, value) -> line.append(' ').append(name).append('=').append(quote(value)));
    return line.toString();
  }

  /** Values may come from outside: none can break the line or fake another key. */
  private static String quote(String value) {
    String shown = value.length() > MAX_VALUE ? value.substring(0, MAX_VALUE) + "..." : value;
    if (PLAIN.matcher(shown).matches()) {
      return shown;
    }
    return '"' + shown.replaceAll("\\p{Cntrl}", " ").replace('"', '\'') + '"';
  }
}
