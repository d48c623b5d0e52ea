package dev.sheaf.repair;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table {@code repair_attempts}: what is tried is written down before, and crossed out when it
 * has come back, whatever came of it. So what ends an invocation for good (out of memory, out of
 * time) stays written down, and the next one knows: what may have been to blame it tries alone, and
 * what alone has not come back three times it passes over for a week. Belongs to the one thread
 * that goes through a cycle.
 */
final class Attempts {
  private static final Logger log = LoggerFactory.getLogger(Attempts.class);

  /** As often as a job is begun (dev.sheaf.repository.job). */
  static final int MOST = 3;

  private static final Duration PAUSE = Duration.ofDays(7);

  /** By then what was passed over and not tried again is not missing any more. */
  private static final Duration KEPT = Duration.ofDays(30);

  private final Catalog catalog;
  private final InstantSource clock;
  private final Counters counters;
  private final boolean isAnyLeft;
  private final Set<String> told = new HashSet<>();
  private Set<String> current = Set.of();
  private @Nullable Map<String, Left> left;

  /** What did not come back: how often, and when it was begun last. */
  private record Left(int attempts, Instant begunAt) {}

  /**
   * @param isAnyLeft whether other invocations have left anything
   * @param counters count what is passed over
   */
  Attempts(Catalog catalog, InstantSource clock, boolean isAnyLeft, Counters counters) {
    this.catalog = catalog;
    this.clock = clock;
    this.isAnyLeft = isAnyLeft;
    this.counters = counters;
  }

  private Map<String, Left> left() {
    if (left == null) {
      left = isAnyLeft ? read() : new HashMap<>();
    }
    return left;
  }

  private Map<String, Left> read() {
    Map<String, Left> found = new HashMap<>();
    catalog
        .execute(
            Statement.of(
                    """
                    with forgotten as (
                      delete from repair_attempts where begun_at < :since::timestamptz
                    )
                    select subject, attempts::bigint as attempts,
                      floor(extract(epoch from begun_at))::bigint as begun
                    from repair_attempts where begun_at >= :since::timestamptz
                    """)
                .text("since", clock.instant().minus(KEPT).toString()))
        .forEach(row ->
            found.put(
                row.text("subject"),
                new Left(
                    (int) row.number("attempts"), Instant.ofEpochSecond(row.number("begun")))));
    return found;
  }

  /** Whether something may be what ended an invocation, and so is to be tried alone. */
  boolean isSuspect(String subject) {
    return left().containsKey(subject);
  }

  /** Why something is not tried at present, which is counted and reported; empty when it may be. */
  Optional<String> passedOver(String subject) {
    Left before = left().get(subject);
    if (before == null
        || before.attempts() < MOST
        || !clock.instant().isBefore(before.begunAt().plus(PAUSE))) {
      return Optional.empty();
    }
    String why =
        "%d attempts, the last at %s, never came back: out of time, out of memory or killed"
            .formatted(before.attempts(), before.begunAt());
    if (told.add(subject)) {
      counters.add(Counter.PASSED_OVER);
      log.error("passed over until {}: {}: {}", before.begunAt().plus(PAUSE), subject, why);
    }
    return Optional.of(why);
  }

  /**
   * What was tried before has come back, and these are tried now. Suspects one by one, else nobody
   * knows which it was.
   */
  void begin(Collection<String> subjects) {
    Set<String> next = new LinkedHashSet<>(subjects);
    Set<String> over = current;
    left().keySet().removeAll(over);
    current = next;
    if (next.isEmpty()) {
      end(over);
      return;
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (String subject : next) {
      Left before = left().get(subject);
      rows.addObject()
          .put("subject", subject)
          .put("attempts", before == null ? 1 : before.attempts() + 1);
    }
    catalog.execute(
        Statement.of(
                """
                with over as (
                  delete from repair_attempts
                  where subject in (select jsonb_array_elements_text(:over::jsonb))
                )
                insert into repair_attempts (subject, attempts, begun_at)
                  select subject, attempts, :now::timestamptz
                  from jsonb_to_recordset(:rows::jsonb) as r (subject text, attempts integer)
                  order by subject
                on conflict (subject) do update set
                  attempts = excluded.attempts, begun_at = excluded.begun_at
                """)
            .text("over", json(over.stream().filter(one -> !next.contains(one)).toList()))
            .text("rows", rows.toString())
            .text("now", clock.instant().toString()));
  }

  /** One thing, as {@link #begin(Collection)}. */
  void begin(String subject) {
    begin(List.of(subject));
  }

  /** Everything that was tried has come back. */
  void end() {
    begin(List.of());
  }

  /** A cycle went through to its end: what it did not try again is there, or not to blame. */
  void forgetSuspects() {
    Set<String> cleared = new HashSet<>();
    left()
        .forEach((subject, one) -> {
          if (one.attempts() < MOST) {
            cleared.add(subject);
          }
        });
    left().keySet().removeAll(cleared);
    end(cleared);
  }

  private void end(Set<String> over) {
    if (!over.isEmpty()) {
      catalog.execute(
          Statement.of(
                  """
                  delete from repair_attempts
                  where subject in (select jsonb_array_elements_text(:over::jsonb))
                  """)
              .text("over", json(over)));
    }
  }

  private static String json(Collection<String> subjects) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    subjects.forEach(json::add);
    return json.toString();
  }
}
