package dev.sheaf.journal.site;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Journal;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.json.Json;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the counters of a site. They are looked up again when they are older than 15 seconds. */
public final class SiteCounters {
  private static final Duration FRESH = Duration.ofSeconds(15);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final ObjectStore bucket;
  private final JournalOptions options;
  private @Nullable Journal journal;

  /** Sends nothing yet. */
  public SiteCounters(ObjectStore bucket, JournalOptions options) {
    this.bucket = bucket;
    this.options = options;
  }

  /**
   * What has been counted.
   *
   * @param days by day in UTC, newest first: the label of a counter with its sum
   * @param failure why this may be old, or empty: the store could not be read
   */
  public record View(
      SortedMap<String, SortedMap<String, Long>> days, Optional<SheafException> failure) {
    /** Sums over all days, of every counter. */
    public SortedMap<String, Long> totals() {
      SortedMap<String, Long> totals = new TreeMap<>();
      for (SiteCounter counter : SiteCounter.values()) {
        totals.put(counter.label(), 0L);
      }
      days.values().forEach(day -> day.forEach((label, n) -> totals.merge(label, n, Long::sum)));
      return totals;
    }
  }

  /** The counters. Never fails: where the store cannot be read, the last good state is told. */
  public View read() {
    try {
      Journal open = open();
      InstantSource clock = options.host().clock();
      new Deadline(clock.instant().plus(LONGEST), clock).run(() -> open.refresh(FRESH));
      return new View(days(open), Optional.empty());
    } catch (SheafException e) {
      Journal held = held();
      return new View(held == null ? new TreeMap<>() : days(held), Optional.of(e));
    }
  }

  private synchronized Journal open() {
    if (journal == null) {
      journal = Journal.open(bucket, SiteJournal.NAMESPACE, options);
    }
    return journal;
  }

  private synchronized @Nullable Journal held() {
    return journal;
  }

  private static SortedMap<String, SortedMap<String, Long>> days(Journal journal) {
    SortedMap<String, SortedMap<String, Long>> days = new TreeMap<>(Comparator.reverseOrder());
    for (SiteCounter counter : SiteCounter.values()) {
      for (Json day : journal.members(counter.label()).orElseGet(List::of)) {
        if (day instanceof Json.Text(String text)) {
          Map<String, Long> one = days.computeIfAbsent(text, _ -> new TreeMap<>());
          one.put(counter.label(), journal.mapInteger(counter.label(), day));
        }
      }
    }
    return days;
  }
}
