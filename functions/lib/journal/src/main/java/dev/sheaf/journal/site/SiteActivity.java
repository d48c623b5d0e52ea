package dev.sheaf.journal.site;

import dev.sheaf.journal.Operation;
import dev.sheaf.journal.json.Json;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an invocation did, until it is written down. Any thread may add to it. */
public final class SiteActivity {
  /** More keys than this are left to be asked for; they would be a segment of over 6 MB. */
  static final int MOST_KEYS = 50_000;

  private final InstantSource clock;
  private final Map<SiteCounter, Long> counts = new EnumMap<>(SiteCounter.class);
  private final Set<String> keys = new LinkedHashSet<>();

  /**
   * @param clock says which day it is, in UTC
   */
  public SiteActivity(InstantSource clock) {
    this.clock = clock;
  }

  /** Adds to a counter. */
  public synchronized void count(SiteCounter counter, long amount) {
    if (amount != 0) {
      counts.merge(counter, amount, Long::sum);
    }
  }

  /** Notes a key that was written just now. It must end with a content id. */
  public synchronized void written(String key) {
    if (keys.size() < MOST_KEYS) {
      keys.add(key);
    }
  }

  /** What there is to write down, and forgets it. */
  synchronized List<Operation> take() {
    Instant now = clock.instant();
    Json today = Json.of(LocalDate.ofInstant(now, ZoneOffset.UTC).toString());
    String recent = KnownPresent.inboxAt(now);
    List<Operation> operations = new ArrayList<>();
    counts.forEach((counter, amount) ->
        operations.add(new Operation.IntMapAdd(counter.label(), today, amount)));
    keys.forEach(key -> operations.add(new Operation.SetAdd(recent, Json.of(key))));
    counts.clear();
    keys.clear();
    return operations;
  }
}
