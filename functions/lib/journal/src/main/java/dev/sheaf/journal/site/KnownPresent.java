package dev.sheaf.journal.site;

import dev.sheaf.journal.Journal;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Operation;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.storage.ObjectStore;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keys that are known to be in the bucket because somebody wrote them lately. Who lists the bucket
 * and misses a key need not ask the store about it, if it is in here: it came after the listing had
 * passed.
 *
 * <p>A namespace for each of 16 ranges of keys, {@code present-0} to {@code present-f}, so that who
 * is busy with one range reads only that. An invocation may write keys of all ranges, but makes one
 * PUT: so it adds them to an inbox in the namespace {@code site}, one set for every five minutes,
 * and {@link #sort} takes the sets that are complete to their ranges. Keys that are older than a
 * day are dropped; any listing since has seen them.
 *
 * <p>It is a cache of good news. That a key is not in here says nothing, and who deletes an object
 * must not believe it.
 */
public final class KnownPresent {
  /** Keys stay for this long at least, unless their range is empty since. */
  static final Duration KEPT = Duration.ofHours(24);

  private static final String INBOX = "present/";
  private static final int INBOX_MINUTES = 5;

  /** Clocks of functions differ; and a write takes its time. */
  private static final Duration SETTLED = Duration.ofMinutes(5);

  private static final String NAMESPACE = "present-";
  private static final String RANGES = "0123456789abcdef";

  private final ObjectStore bucket;
  private final JournalOptions options;

  public KnownPresent(ObjectStore bucket, JournalOptions options) {
    this.bucket = bucket;
    this.options = options;
  }

  /**
   * What a sorting did.
   *
   * @param moved keys that went from the inbox to their ranges
   * @param dropped sets of an hour's keys that were dropped as old
   * @param next when the next set of the inbox is complete; empty where there is none
   */
  public record Sorted(int moved, int dropped, Optional<Instant> next) {
    /** Nothing was there to sort. */
    public static final Sorted NOTHING = new Sorted(0, 0, Optional.empty());

    private Sorted plus(int moreMoved, int moreDropped) {
      return new Sorted(moved + moreMoved, dropped + moreDropped, next);
    }
  }

  /** The namespace of a range. */
  static Namespace namespace(char range) {
    return Namespace.of(NAMESPACE + range);
  }

  /** Whether this is the namespace of a range. */
  public static boolean keeps(Namespace namespace) {
    return RANGES.chars().anyMatch(range -> namespace.equals(namespace((char) range)));
  }

  /** The range of a key: the first digit of the content id that it ends with. */
  static char range(String key) {
    char digit = key.charAt(key.lastIndexOf('/') + 1);
    return RANGES.indexOf(digit) < 0 ? RANGES.charAt(0) : digit;
  }

  /** The set that keys are added to at a moment. */
  static String inboxAt(Instant now) {
    LocalDateTime time = LocalDateTime.ofInstant(now, ZoneOffset.UTC);
    return INBOX
        + time.truncatedTo(ChronoUnit.MINUTES)
            .withMinute(time.getMinute() / INBOX_MINUTES * INBOX_MINUTES);
  }

  /** The set of a range that holds the keys of an inbox set: {@code 2026-07-04T10}. */
  private static String hour(String inbox) {
    return inbox.substring(INBOX.length(), inbox.indexOf(':'));
  }

  /**
   * What has been noted since a moment. What was noted before says nothing to whoever has listed
   * the bucket since: if the listing lacks it, it is gone.
   */
  public Noted since(Instant moment) {
    return new Noted(moment.minus(Duration.ofMinutes(INBOX_MINUTES)).minus(SETTLED));
  }

  /**
   * Keys noted lately, as far as the names of their sets tell: those of a range of keys that were
   * sorted into it belong to a whole hour, and count only if all of that does. The rest is asked
   * for.
   */
  public final class Noted {
    private final LocalDateTime from;
    private @Nullable Set<String> inbox;

    private Noted(Instant from) {
      this.from = LocalDateTime.ofInstant(from, ZoneOffset.UTC);
    }

    /**
     * The keys of a range. The inbox is read first, and once: what leaves it meanwhile is in the
     * range by then.
     *
     * @param range a hexadecimal digit
     */
    public Set<String> keys(char range) {
      if (inbox == null) {
        inbox = inbox();
      }
      Set<String> keys = new HashSet<>();
      inbox.stream().filter(key -> range(key) == range).forEach(keys::add);
      try (Journal sorted = Journal.open(bucket, namespace(range), options)) {
        sorted.flush();
        sorted.state().names().stream()
            .filter(hour -> isRecent(hour + ":00"))
            .forEach(hour -> keys.addAll(KnownPresent.keys(sorted, hour)));
      }
      return keys;
    }

    private Set<String> inbox() {
      Set<String> keys = new HashSet<>();
      try (Journal site = Journal.open(bucket, SiteJournal.NAMESPACE, options)) {
        site.flush();
        inboxes(site).stream()
            .filter(set -> isRecent(set.substring(INBOX.length())))
            .forEach(set -> keys.addAll(KnownPresent.keys(site, set)));
      }
      return keys;
    }

    private boolean isRecent(String begin) {
      try {
        return !LocalDateTime.parse(begin).isBefore(from);
      } catch (DateTimeException e) {
        return false; // Nobody names a set like this.
      }
    }
  }

  /**
   * Takes complete sets of the inbox to their ranges, and drops what is old there. Any number may
   * do it at once: a set has a member once, however often it is added, and the inbox is emptied
   * last.
   */
  public Sorted sort(Instant now) {
    try (Journal site = Journal.open(bucket, SiteJournal.NAMESPACE, options)) {
      site.flush();
      String open = inboxAt(now.minus(SETTLED));
      List<String> inboxes = inboxes(site);
      List<String> complete = inboxes.stream().filter(inbox -> inbox.compareTo(open) < 0).toList();
      Map<Character, List<Operation>> adds = new TreeMap<>();
      for (String inbox : complete) {
        keys(site, inbox)
            .forEach(key ->
                adds.computeIfAbsent(range(key), _ -> new ArrayList<>())
                    .add(new Operation.SetAdd(hour(inbox), Json.of(key))));
      }
      Sorted sum = new Sorted(0, 0, nextAfter(inboxes, complete));
      for (Map.Entry<Character, List<Operation>> range : adds.entrySet()) {
        int added = range.getValue().size();
        sum = sum.plus(added, add(range.getKey(), range.getValue(), now));
      }
      List<Operation> emptied = new ArrayList<>();
      complete.forEach(inbox -> emptied.add(new Operation.ScalarDelete(inbox)));
      site.apply(emptied);
      return sum;
    }
  }

  /** When the first of those that are not complete will be. */
  private static Optional<Instant> nextAfter(List<String> inboxes, List<String> complete) {
    return inboxes.stream()
        .filter(inbox -> !complete.contains(inbox))
        .sorted()
        .findFirst()
        .map(KnownPresent::completeFrom);
  }

  private static Instant completeFrom(String inbox) {
    try {
      return LocalDateTime.parse(inbox.substring(INBOX.length()))
          .plusMinutes(INBOX_MINUTES)
          .plus(SETTLED)
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return Instant.EPOCH; // Nobody names a set like this; look at it every time.
    }
  }

  /** Adds to a range, and drops from it what is old: how many sets that was. */
  private int add(char range, List<Operation> adds, Instant now) {
    try (Journal sorted = Journal.open(bucket, namespace(range), options)) {
      sorted.flush();
      String oldest = hour(inboxAt(now.minus(KEPT)));
      List<Operation> operations = new ArrayList<>(adds);
      sorted.state().names().stream()
          .filter(hour -> hour.compareTo(oldest) < 0)
          .forEach(hour -> operations.add(new Operation.ScalarDelete(hour)));
      sorted.apply(operations);
      return operations.size() - adds.size();
    }
  }

  private static List<String> inboxes(Journal site) {
    JsonObject state = site.state();
    return state.names().stream().filter(name -> name.startsWith(INBOX)).toList();
  }

  private static List<String> keys(Journal journal, String set) {
    List<String> keys = new ArrayList<>();
    for (Json member : journal.members(set).orElseGet(List::of)) {
      if (member instanceof Json.Text(String key) && !key.isEmpty()) {
        keys.add(key);
      }
    }
    return keys;
  }
}
