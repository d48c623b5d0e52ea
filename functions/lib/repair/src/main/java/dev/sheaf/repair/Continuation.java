package dev.sheaf.repair;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * The message by which a cycle asks for another invocation: {@code {"continue": "<its start>"}}.
 */
public final class Continuation {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FIELD = "continue";

  private Continuation() {}

  static String of(Instant startedAt) {
    return JSON.createObjectNode().put(FIELD, startedAt.toString()).toString();
  }

  /** The cycle that a message is about; empty when it is no such message. */
  public static Optional<Instant> parse(String body) {
    try {
      JsonNode start = JSON.readTree(body).path(FIELD);
      return start.isTextual() ? Optional.of(Instant.parse(start.textValue())) : Optional.empty();
    } catch (JsonProcessingException | DateTimeException e) {
      return Optional.empty();
    }
  }
}
