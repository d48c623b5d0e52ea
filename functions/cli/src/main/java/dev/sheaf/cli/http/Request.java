package dev.sheaf.cli.http;

import dev.sheaf.bundle.Content;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request. All requests of this client may be repeated: they read, or name what they write by its
 * content.
 *
 * @param body null: none
 * @param patience the longest silence of the server that is put up with
 */
record Request(
    String method,
    URI uri,
    Map<String, String> headers,
    @Nullable Content body,
    Duration patience) {

  static Request get(URI uri, Duration patience) {
    return new Request("GET", uri, Map.of(), null, patience);
  }

  static Request put(URI uri, Content body, Duration patience) {
    return new Request("PUT", uri, Map.of(), body, patience);
  }

  static Request post(URI uri, Content body, Duration patience) {
    return new Request("POST", uri, Map.of(), body, patience);
  }

  /** The same with a header more. */
  Request with(String name, String value) {
    return with(Map.of(name, value));
  }

  /** The same with more headers. */
  Request with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new Request(method, uri, all, body, patience);
  }

  /** The same for a server that takes its time. */
  Request patient(Duration time) {
    return new Request(method, uri, headers, body, time);
  }

  long bodyLength() {
    return body == null ? 0 : body.size();
  }
}
