package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Who writes a repository.
 *
 * @param home the URL of that site; null when nobody has said
 * @param epoch how often that has changed
 * @param seen what each home knew when it took over ({@link #seenKey})
 */
record Tenure(@Nullable String home, Epoch epoch, JsonNode seen) {
  /** The place of an epoch in {@code seen}. */
  static String seenKey(Epoch ended) {
    return Long.toString(ended.value());
  }

  /** The last op of a site that was known when an epoch ended; empty for none. */
  String seen(Epoch ended, String host) {
    return seen.path(seenKey(ended)).path(host).asText();
  }
}
