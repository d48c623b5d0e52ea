package dev.sheaf.repair;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far bundles have been read for one object that is lost: of each of its repositories those
 * from one number to another, without a gap. A search that does not come to its end is written down
 * with the loss, and the next cycle goes on from there: up to what has come since, then down to the
 * first. After that the next attempt begins anew, for what was nowhere may be somewhere then.
 */
final class Searched {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PASSED_OVER = "passed_over";
  private static final String DAMAGED_IN = "damaged_in";
  private static final String REPOSITORIES = "repositories";

  private final Map<String, Span> spans = new TreeMap<>();
  private boolean hasPassedOver;
  private @Nullable String damagedIn;

  /** Bundles by their numbers, both ends included; none where the end lies before the beginning. */
  private record Span(long from, long to) {}

  /** Nowhere yet. */
  Searched() {}

  /** As it was written down. */
  static Searched parse(String text) {
    Searched searched = new Searched();
    try {
      JsonNode json = JSON.readTree(text);
      searched.hasPassedOver = json.path(PASSED_OVER).asBoolean();
      searched.damagedIn = json.path(DAMAGED_IN).textValue();
      for (Map.Entry<String, JsonNode> one : json.path(REPOSITORIES).properties()) {
        JsonNode span = one.getValue();
        searched.spans.put(one.getKey(), new Span(span.path(0).asLong(), span.path(1).asLong()));
      }
      return searched;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  /** To be written down. */
  String json() {
    ObjectNode json = JSON.createObjectNode();
    ObjectNode repositories = json.putObject(REPOSITORIES);
    spans.forEach((repoId, span) -> repositories.putArray(repoId).add(span.from()).add(span.to()));
    json.put(PASSED_OVER, hasPassedOver);
    damagedIn().ifPresent(bundle -> json.put(DAMAGED_IN, bundle));
    return json.toString();
  }

  /** The newest that has been read of a repository; null where it is not begun. */
  @Nullable Long newest(String repoId) {
    Span span = spans.get(repoId);
    return span == null ? null : span.to();
  }

  /** Begins a repository, with the bundle of this number, where it is not begun. */
  void begin(String repoId, long newest) {
    spans.putIfAbsent(repoId, new Span(newest + 1, newest));
  }

  boolean isNewer(String repoId, long number) {
    return number > span(repoId).to();
  }

  boolean isOlder(String repoId, long number) {
    return number < span(repoId).from();
  }

  private Span span(String repoId) {
    Span span = spans.get(repoId);
    if (span == null) {
      throw new IllegalStateException(repoId + " is not begun");
    }
    return span;
  }

  /**
   * A bundle has been read, as have been all between it and those before it.
   *
   * @param isPassedOver whether it could not be, and may be another time
   */
  void reached(String repoId, long number, boolean isPassedOver) {
    Span span = span(repoId);
    spans.put(repoId, new Span(Math.min(span.from(), number), Math.max(span.to(), number)));
    hasPassedOver |= isPassedOver;
  }

  /** The object is in this bundle, and is not what its id says. */
  void damagedIn(String bundle) {
    damagedIn = bundle;
  }

  /** The bundle in which it is damaged; empty where none was seen. */
  Optional<String> damagedIn() {
    return Optional.ofNullable(damagedIn);
  }

  /** Whether none of those that were reached may have it all the same. */
  boolean isCertain() {
    return !hasPassedOver;
  }
}
