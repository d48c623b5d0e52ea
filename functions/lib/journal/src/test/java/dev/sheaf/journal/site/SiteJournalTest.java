package dev.sheaf.journal.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Host;
import dev.sheaf.journal.Journal;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.json.Json;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SiteJournalTest {
  private static final JournalOptions OPTIONS = JournalOptions.forFunction();
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final ManualClock clock = new ManualClock();
  private final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
  private final KnownPresent present = new KnownPresent(bucket, OPTIONS);

  private static String key(char first, int number) {
    return "objects/%s0/%s0%062x".formatted(first, first, number);
  }

  private void write(ObjectStore store, Duration left, String... keys) {
    SiteActivity activity = new SiteActivity(clock);
    activity.count(SiteCounter.OBJECTS, keys.length);
    Set.of(keys).forEach(activity::written);
    new SiteJournal(store, OPTIONS).record(activity, left);
  }

  private SiteCounters.View counters() {
    return new SiteCounters(bucket, OPTIONS).read();
  }

  @Test
  void anyNumberOfKeysAndCountsIsOnePut() {
    RequestCounts counts = new RequestCounts();
    write(new CountingObjectStore(bucket, counts), MINUTE, key('0', 1), key('7', 2), key('f', 3));
    assertThat(counts.asMap()).isEqualTo(Map.of("s3_put", 1L));
    write(new CountingObjectStore(bucket, counts), MINUTE);
    assertThat(counts.count(RequestKind.S3_PUT)).isEqualTo(1);
  }

  @Test
  void countsAddUpByDay() {
    write(bucket, MINUTE, key('0', 1), key('1', 1));
    write(bucket, MINUTE, key('0', 2));
    clock.advance(Duration.ofDays(1));
    write(bucket, MINUTE, key('0', 3));
    assertThat(counters().days().toString())
        .isEqualTo("{2026-01-02={objects=1}, 2026-01-01={objects=3}}");
    assertThat(counters().totals()).containsEntry("objects", 4L);
  }

  @Test
  void withoutTimeNothingIsSent() {
    RequestCounts counts = new RequestCounts();
    write(new CountingObjectStore(bucket, counts), Duration.ofMillis(900), key('0', 1));
    assertThat(counts.asMap()).isEmpty();
  }

  @Test
  void aFailedWriteThrowsNothingAndIsNotRepeated() {
    for (Faults.Way way : new Faults.Way[] {Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER}) {
      Faults faults = Faults.at(1, way);
      write(new FaultyObjectStore(bucket, faults), MINUTE, key('0', 1));
      assertThat(faults.happened()).isTrue();
      assertThat(faults.requests()).isEqualTo(1);
    }
    assertThat(counters().totals()).containsEntry("objects", 1L); // the one whose answer was lost
  }

  @Test
  void whatCannotBeReadLeavesTheLastGoodCounters() {
    write(bucket, MINUTE, key('0', 1));
    SiteCounters counters = new SiteCounters(bucket, OPTIONS.withHost(at(clock)));
    assertThat(counters.read().failure()).isEmpty();
    bucket.plant(".metadata/site/segment-poison.json", new byte[] {'x'});
    assertThat(counters.read().failure()).isEmpty(); // still fresh: nobody looked
    clock.advance(Duration.ofSeconds(16));
    SiteCounters.View view = counters.read();
    assertThat(view.failure())
        .hasValueSatisfying(e -> {
          assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
          assertThat(e).hasMessageContaining(".metadata/site/segment-poison.json");
        });
    assertThat(view.totals()).containsEntry("objects", 1L);
  }

  private static Host at(ManualClock clock) {
    Host system = OPTIONS.host();
    return new Host(clock, system.nanoTime(), system.random(), system.sleeper(), system.ids());
  }

  @Test
  void keysAreKnownAtOnceAndGoToTheirRangesLater() {
    write(bucket, MINUTE, key('0', 1), key('7', 2), key('f', 3));
    assertThat(keys(present, '7')).containsExactly(key('7', 2));
    assertThat(present.sort(clock.instant()).moved()).isZero();

    clock.advance(Duration.ofMinutes(11));
    write(bucket, MINUTE, key('7', 4));
    assertThat(present.sort(clock.instant()).moved()).isEqualTo(3);
    assertThat(bucket.keys()).anyMatch(name -> name.startsWith(".metadata/present-7/"));
    assertThat(keys(present, '7')).containsExactlyInAnyOrder(key('7', 2), key('7', 4));
    assertThat(keys(present, '0')).containsExactly(key('0', 1));
    assertThat(keys(present, '3')).isEmpty();
    assertThat(present.sort(clock.instant()).moved()).isZero();
  }

  @Test
  void keysOfYesterdayAreDroppedWhenTheirRangeIsWrittenAgain() {
    write(bucket, MINUTE, key('7', 1));
    clock.advance(Duration.ofMinutes(11));
    present.sort(clock.instant());
    clock.advance(KnownPresent.KEPT.plusHours(1));
    write(bucket, MINUTE, key('7', 2));
    assertThat(keys(present, '7')).containsExactlyInAnyOrder(key('7', 1), key('7', 2));
    clock.advance(Duration.ofMinutes(11));
    assertThat(present.sort(clock.instant()))
        .isEqualTo(new KnownPresent.Sorted(1, 1, Optional.empty()));
    assertThat(keys(present, '7')).containsExactly(key('7', 2));
  }

  /** Each request in turn fails; at no moment is a key missing, and the next sorting mends it. */
  @Test
  void aSortingThatFailsAnywhereLosesNoKey() {
    Faults none = Faults.none();
    sortWith(none);
    assertThat(none.requests()).isGreaterThan(8);
    for (Faults.Way way : List.of(Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER)) {
      for (int request = 1; request <= none.requests(); request++) {
        Faults faults = Faults.at(request, way);
        KnownPresent mended = sortWith(faults);
        assertThat(faults.happened()).isTrue();
        mended.sort(clock.instant());
        requireKeys(mended);
      }
    }
  }

  private KnownPresent sortWith(Faults faults) {
    InMemoryObjectStore fresh = new InMemoryObjectStore(clock);
    write(fresh, MINUTE, key('0', 1), key('f', 2));
    clock.advance(Duration.ofMinutes(11));
    try {
      new KnownPresent(new FaultyObjectStore(fresh, faults), OPTIONS).sort(clock.instant());
    } catch (SheafException e) {
      assertThat(faults.happened()).isTrue();
    }
    KnownPresent sorted = new KnownPresent(fresh, OPTIONS);
    requireKeys(sorted);
    return sorted;
  }

  private static Set<String> keys(KnownPresent present, char range) {
    return present.since(Instant.EPOCH).keys(range);
  }

  private static void requireKeys(KnownPresent sorted) {
    assertThat(keys(sorted, '0')).containsExactly(key('0', 1));
    assertThat(keys(sorted, 'f')).containsExactly(key('f', 2));
  }

  @Test
  void foreignStructuresOfTheNamespaceAreLeftAlone() {
    try (Journal journal = Journal.open(bucket, SiteJournal.NAMESPACE, OPTIONS)) {
      journal.apply(new ScalarSet("note", Json.of("hello")));
      journal.apply(new ScalarSet("present/2020-01-01T00:00", Json.of("not a set")));
    }
    assertThat(present.sort(clock.instant()).moved()).isZero();
    try (Journal journal = Journal.open(bucket, SiteJournal.NAMESPACE, OPTIONS)) {
      journal.flush();
      assertThat(journal.scalar("note")).hasValue(Json.of("hello"));
    }
  }
}
