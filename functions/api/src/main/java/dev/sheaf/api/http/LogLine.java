package dev.sheaf.api.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one log line of a request, gathered on the way: a JSON object, in which a log service finds
 * the fields by itself. Used by the request's own thread only.
 */
public final class LogLine {
  private static final int MAX_TEXT = 400;

  private final Map<String, Object> fields = new LinkedHashMap<>();

  /** A line about a request. */
  public LogLine() {
    fields.put("event", "request");
  }

  /** Adds a text, a number or a truth value; of a repeated name the last is kept. */
  public LogLine put(String name, Object value) {
    boolean plain = value instanceof Number || value instanceof Boolean;
    fields.put(name, plain ? value : cut(value.toString()));
    return this;
  }

  private static String cut(String text) {
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "..." : text;
  }

  @Override
  public String toString() {
    return new String(JsonDocuments.write(fields), StandardCharsets.UTF_8);
  }
}
