package dev.sheaf.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code follow_requests}: who does not want to wait for the schedule draws a number and
 * sends it as a message; a run answers all numbers that were drawn before it began. So many
 * requests are one run, and no clock says which came first.
 */
public final class FollowRequests {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String FIELD = "follow";

  private final Catalog catalog;

  public FollowRequests(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * How requests stand.
   *
   * @param asked the last number that was drawn; 0 for none
   * @param done the greatest number that was answered
   */
  public record Standing(long asked, long done) {
    /** Whether a run that began after this request has come to its end. */
    public boolean hasAnswered(long number) {
      return done >= number;
    }
  }

  /** Draws the next number: one statement. */
  public long ask() {
    return catalog
        .execute(Statement.of("update follow_requests set asked = asked + 1 returning asked"))
        .first()
        .orElseThrow()
        .number("asked");
  }

  /** One statement. */
  public Standing standing() {
    return catalog
        .execute(Statement.of("select asked, done from follow_requests"))
        .first()
        .map(row -> new Standing(row.number("asked"), row.number("done")))
        .orElseThrow();
  }

  /**
   * Notes the end of a run. One that began later, and ended before, is not written over.
   *
   * @param number the last that was drawn when it began
   * @param peers what it came to with each, as a document
   */
  public void answered(long number, List<Map<String, Object>> peers, Instant now) {
    catalog.execute(
        Statement.of(
                """
                update follow_requests
                set done = :number, peers = :peers::jsonb, ended_at = :now::timestamptz
                where done <= :number
                """)
            .number("number", number)
            .text("peers", text(peers))
            .text("now", now.toString()));
  }

  /** {@code asked}, {@code done}, {@code ended_at} and {@code peers}, for the status. */
  Map<String, @Nullable Object> fields() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    Optional<Rows.Row> row =
        catalog
            .execute(
                Statement.of(
                    """
                    select asked, done, peers::text as peers,
                      to_char(ended_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as ended_at
                    from follow_requests
                    """))
            .first();
    fields.put("asked", row.map(r -> r.number("asked")).orElse(0L));
    fields.put("done", row.map(r -> r.number("done")).orElse(0L));
    fields.put("ended_at", row.map(r -> r.textOrNull("ended_at")).orElse(null));
    fields.put("peers", row.map(r -> peers(r.text("peers"))).orElse(List.of()));
    return fields;
  }

  private static List<Object> peers(String text) {
    List<Object> peers = new ArrayList<>();
    try {
      JSON.readTree(text).forEach(peer -> peers.add(JSON.convertValue(peer, Map.class)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of JSON that is none", e);
    }
    return peers;
  }

  /** The message that asks for a run. */
  public static String message(long number) {
    return text(Map.of(FIELD, number));
  }

  /** The number in a message; empty for one that asks for nothing. */
  public static OptionalLong parse(String message) {
    try {
      JsonNode number = JSON.readTree(message).path(FIELD);
      return number.isIntegralNumber() && number.canConvertToLong()
          ? OptionalLong.of(number.longValue())
          : OptionalLong.empty();
    } catch (JsonProcessingException e) {
      return OptionalLong.empty();
    }
  }

  private static String text(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a document that cannot be written", e);
    }
  }
}
