package dev.sheaf.api.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One HTTP request, whichever way it came.
 *
 * @param method upper case
 * @param path percent-encoded; {@link RequestPath#segments} takes it apart
 * @param query decoded values of each parameter, one or more
 * @param headers looked up without regard to case; several of one name are one list, as HTTP has it
 * @param body not yet decoded, so that its length can be refused first
 * @param id names this request in the log and in {@code Sheaf-Request-Id}
 * @param log what this request's one log line will say
 */
public record Request(
    String method,
    String path,
    Map<String, List<String>> query,
    Map<String, String> headers,
    RequestBody body,
    String id,
    LogLine log) {

  public Request {
    query = Map.copyOf(query);
    Map<String, String> folded = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    // In one order whatever the map's: two spellings of Authorization are no token of either's.
    new TreeMap<>(headers).forEach((name, value) -> folded.merge(name, value, Request::list));
    headers = Collections.unmodifiableMap(folded);
  }

  private static String list(String first, String second) {
    return first + ", " + second;
  }

  /** A header's value, if it was sent. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Whether only the headers of the answer are wanted. */
  public boolean isHead() {
    return method.equals("HEAD");
  }

  /**
   * A text from the query string, if it was sent and is not empty.
   *
   * @throws HttpFailure 400 when it was sent twice: servers and caches on the way would not agree
   *     which one counts
   */
  public Optional<String> queryText(String name) {
    List<String> values = query.getOrDefault(name, List.of(""));
    if (values.size() > 1) {
      throw HttpFailure.malformed("query parameter " + name + " comes more than once", null);
    }
    String value = values.getFirst();
    if (value.isEmpty()) {
      return Optional.empty();
    }
    Document.checkText("query parameter " + name, value);
    return Optional.of(value);
  }

  /**
   * A count from the query string.
   *
   * @throws SheafException of kind {@code INVALID} when it is no integer between 1 and {@code max}
   */
  public int queryCount(String name, int absent, int max) {
    Optional<String> text = queryText(name);
    if (text.isEmpty()) {
      return absent;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= 1 && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, like a number out of range.
    }
    throw new SheafException(
        ErrorKind.INVALID,
        "query parameter " + name + " must be an integer from 1 to " + max + ", not " + text.get());
  }

  /** The body as a document, in the format that {@code Content-Type} names. */
  public Document document(int maxBytes) {
    return Formats.decode(this, maxBytes);
  }
}
