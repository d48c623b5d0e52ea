package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.journal.site.SiteActivity;
import dev.sheaf.journal.site.SiteJournal;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A store whose listings are not true: never a mass pull, never a delete on doubt. */
class LyingListingTest extends SiteTest {
  private static final String[] CONTENTS =
      IntStream.range(0, 40).mapToObj(i -> "content " + i).toArray(String[]::new);

  private List<String> before = List.of();

  @BeforeEach
  void fill() {
    push(repo("r"), CONTENTS);
    runCleanup();
    clock.advance(Duration.ofDays(10));
    before = bucket.keys();
  }

  private static Page firstHalf(Page page) {
    List<StoredObject> objects = page.objects();
    return new Page(objects.subList(0, objects.size() / 2), List.of(), null);
  }

  static Stream<Arguments> lies() {
    UnaryOperator<Page> nothing = _ -> new Page(List.of(), List.of(), null);
    UnaryOperator<Page> half = LyingListingTest::firstHalf;
    UnaryOperator<Page> throttled =
        _ -> {
          throw new SheafException(ErrorKind.UNAVAILABLE, "503 SlowDown");
        };
    UnaryOperator<Page> forbidden =
        _ -> {
          throw new SheafException(ErrorKind.SITE, "403 AccessDenied");
        };
    return Stream.of(
        Arguments.of("0 keys", nothing),
        Arguments.of("half the keys", half),
        Arguments.of("503s", throttled),
        Arguments.of("403s", forbidden));
  }

  @ParameterizedTest(name = "{0}, {index}")
  @MethodSource("lies")
  void isNotBelieved(String what, UnaryOperator<Page> lie) {
    for (boolean cleanup : new boolean[] {false, true}) {
      LyingStore store = new LyingStore(bucket).onEveryPage(lie);
      RepairTracker tracker = cleanup ? runCleanup(store) : runNormal(store);
      assertThat(count(tracker, Counter.PRESENCE_INDEX_BUILD_FAIL)).as(what).isEqualTo(1);
      assertThat(tracker.listingRefused()).as(what).isPresent();
      assertThat(count(tracker, Counter.ALREADY_HAVE)).as(what).isEqualTo(41);
      assertThat(count(tracker, Counter.HEAD_INSTEAD_OF_LIST)).as(what).isEqualTo(41);
      assertThat(requests.count(RequestKind.S3_PUT)).as(what).isZero();
      assertThat(requests.count(RequestKind.S3_DELETE)).as(what).isZero();
      assertThat(requests.count(RequestKind.S3_GET)).as(what).isZero();
      assertThat(bucket.keys()).as(what).isEqualTo(before);
      assertThat(lost()).as(what).isEmpty();
    }
  }

  /** The named scenario: the second page fails, and every answer is the same by HEAD. */
  @Test
  void indexFailureOnSecondPageFallsBackToHead() {
    lose(CONTENTS[3], CONTENTS[7]);
    bucket.withPageSize(10);
    LyingStore store =
        new LyingStore(bucket)
            .onPage(
                2,
                _ -> {
                  throw new SheafException(ErrorKind.UNAVAILABLE, "503 SlowDown");
                });
    RepairTracker tracker = runNormal(store);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_BUILD_FAIL)).isEqualTo(1);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_ENTRIES)).isZero();
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(2);
    assertThat(bucket.keys()).isEqualTo(before);
    requireSound();
  }

  /** A page of an hour ago lacks what came since: each such key costs a HEAD, and nothing else. */
  @Test
  void blobWrittenAfterListIsNotPulledInNormalCycle() {
    String late = "late";
    LyingStore store = new LyingStore(bucket).onEveryPage(page -> without(page, key(late)));
    push(repo("r"), late);
    clock.advance(Duration.ofHours(-1)); // the cycle comes at once
    assertNothingIsPulled(runNormal(store), 1);
  }

  private void assertNothingIsPulled(RepairTracker tracker, int misses) {
    assertThat(count(tracker, Counter.PRESENCE_INDEX_BUILD_FAIL)).isZero();
    assertThat(count(tracker, Counter.PRESENCE_INDEX_MISS)).isEqualTo(misses);
    assertThat(count(tracker, Counter.HEAD_CONFIRM)).isEqualTo(misses);
    assertThat(count(tracker, Counter.PULL_MINE_NEEDED)).isZero();
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isZero();
  }

  private static Page without(Page page, String key) {
    return new Page(
        page.objects().stream().filter(object -> !object.key().equals(key)).toList(),
        List.of(),
        page.next());
  }

  @Test
  void knownPresentUsedOutsideCleanup() {
    push(repo("r"), "late");
    noteAsWritten("late");
    clock.advance(Duration.ofHours(-1)); // the cycle comes at once
    LyingStore store = new LyingStore(bucket).onEveryPage(page -> without(page, key("late")));
    RepairTracker tracker = runNormal(store);
    assertThat(count(tracker, Counter.REPAIR_KNOWN_PRESENT)).isEqualTo(1);
    assertThat(count(tracker, Counter.HEAD_CONFIRM)).isZero();
    assertThat(count(tracker, Counter.ALREADY_HAVE)).isEqualTo(43);

    catalog.execute(
        Statement.of(
            "update objects set created_at = created_at + interval '3 hours' where size_bytes = 4"));
    RepairTracker cleanup = runCleanup(store);
    assertThat(count(cleanup, Counter.REPAIR_KNOWN_PRESENT))
        .as("knownPresentIgnoredInCleanup")
        .isZero();
    assertThat(count(cleanup, Counter.HEAD_CONFIRM)).isEqualTo(1);
  }

  /** Nothing is done about what the store does not say. */
  @Test
  void aHeadThatFailsIsNoMiss() {
    lose(CONTENTS[5]);
    LyingStore store =
        new LyingStore(bucket)
            .beforeHead(key -> {
              if (key.equals(key(CONTENTS[5]))) {
                throw new SheafException(ErrorKind.UNAVAILABLE, "503 of " + key);
              }
            });
    RepairTracker tracker = runCleanup(store);
    assertThat(count(tracker, Counter.READ_ATTRS_FAIL)).isEqualTo(1);
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isZero();
    assertThat(requests.count(RequestKind.S3_PUT)).isZero();
  }

  @Test
  void repairUsesListedStateEvenIfBlobGone() {
    LyingStore store =
        new LyingStore(bucket)
            .onEveryPage(page -> {
              bucket.delete(List.of(key(CONTENTS[0])));
              return page;
            });
    RepairTracker tracker = runNormal(store);
    assertThat(count(tracker, Counter.ALREADY_HAVE)).isEqualTo(41);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_HIT)).isEqualTo(41);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_MISS)).isZero();
    assertThat(has(CONTENTS[0])).isFalse();
    runNormal();
    assertThat(has(CONTENTS[0])).as("the next cycle sees it").isTrue();
  }

  /** The ETag has changed between LIST and delete: what was written since stays. */
  @Test
  void aDeleteHitsNothingButWhatWasRead() {
    String key = key(CONTENTS[0]);
    corrupt(CONTENTS[0]);
    LyingStore store =
        new LyingStore(bucket)
            .beforeDelete(_ -> bucket.plant(key, text(CONTENTS[0]))); // healed by somebody else
    RepairTracker tracker = runCleanup(store);
    assertThat(count(tracker, Counter.DELETE_INVALID_NEEDED)).isEqualTo(1);
    assertThat(count(tracker, Counter.DELETE_CONFLICT)).isEqualTo(1);
    assertThat(count(tracker, Counter.DELETE_INVALID_SUCCESS)).isZero();
    assertThat(bucket.bytes(key)).isEqualTo(text(CONTENTS[0]));
    requireSound();
  }

  /** A cycle that could not list deletes nothing, not even what it has read and found false. */
  @Test
  void noDeleteInACycleWithoutAListing() {
    corrupt(CONTENTS[0]);
    LyingStore store =
        new LyingStore(bucket).onEveryPage(_ -> new Page(List.of(), List.of(), null));
    RepairTracker tracker = runCleanup(store);
    assertThat(count(tracker, Counter.DELETE_INVALID_NEEDED)).isEqualTo(1);
    assertThat(requests.count(RequestKind.S3_DELETE)).isZero();
    assertThat(has(CONTENTS[0])).isTrue();
  }

  /** If the store itself agrees, a short listing is believed: that much is lost, and comes back. */
  @Test
  void aBucketThatIsEmptyIndeedIsFilledAgain() {
    bucket.delete(
        bucket.keys().stream().filter(key -> key.startsWith(ObjectKeys.OBJECTS)).toList());
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.PRESENCE_INDEX_BUILD_FAIL)).isZero();
    assertThat(bucket.keys()).isEqualTo(before);
    requireSound();
  }

  @Test
  void indexEntriesCounterIsSetNotAdded() {
    options = options.withBatch(10);
    CycleRun first = cycle().run(java.util.Optional.empty(), afterBatches(2));
    assertThat(first.outcome()).isEqualTo(CycleRun.Outcome.CONTINUES);
    CycleRun second = cycle().run(java.util.Optional.empty(), () -> false);
    assertThat(second.cycle().orElseThrow().counters().get(Counter.PRESENCE_INDEX_ENTRIES))
        .isEqualTo(41);
    assertThat(second.cycle().orElseThrow().counters().get(Counter.LIST_REQUESTS)).isEqualTo(8);
  }

  private java.util.function.BooleanSupplier afterBatches(int batches) {
    return () -> requests.count(RequestKind.CATALOG_STATEMENT) > 4 + 2L * batches;
  }

  private void noteAsWritten(String content) {
    SiteActivity activity = new SiteActivity(clock);
    activity.written(key(content));
    new SiteJournal(bucket, JournalOptions.forFunction()).record(activity, Duration.ofMinutes(1));
  }

  /** Written, noted, and deleted behind the site's back: the listing knows better. */
  @Test
  void whatWasNotedBeforeTheListingAndIsGoneComesBackAtOnce() {
    push(repo("r"), "early", "sorted");
    noteAsWritten("early");
    noteAsWritten("sorted");
    clock.advance(Duration.ofMinutes(20));
    new KnownPresent(bucket, JournalOptions.forFunction()).sort(clock.instant());
    noteAsWritten("early");
    lose("early", "sorted");
    RepairTracker tracker = runNormal(); // an hour later
    assertThat(count(tracker, Counter.REPAIR_KNOWN_PRESENT)).isZero();
    assertThat(count(tracker, Counter.HEAD_CONFIRM)).isGreaterThanOrEqualTo(2);
    assertThat(has("early")).isTrue();
    assertThat(has("sorted")).isTrue();
  }

  /** One inbox for all ranges of keys: it is read once. */
  @Test
  void theJournalOfAllRangesIsReadOnce() {
    String[] late = IntStream.range(0, 40).mapToObj(i -> "late " + i).toArray(String[]::new);
    push(repo("r"), late);
    for (String content : late) {
      noteAsWritten(content);
    }
    clock.advance(Duration.ofHours(-1));
    LyingStore store =
        new LyingStore(bucket)
            .onEveryPage(page -> {
              Page told = page;
              for (String content : late) {
                told = without(told, key(content));
              }
              return told;
            });
    RepairTracker tracker = runNormal(store);
    assertThat(count(tracker, Counter.REPAIR_KNOWN_PRESENT)).isEqualTo(40);
    assertThat(count(tracker, Counter.HEAD_CONFIRM)).isZero();
    long segments = bucket.keys().stream().filter(key -> key.contains("/segment-")).count();
    // Each range has a journal of its own; the inbox's segments are read once, not 16 times.
    assertThat(requests.count(RequestKind.S3_GET)).isLessThan(2 * segments + 4 * 16);
  }

  /** Whoever looks at the log while a large bucket is listed sees how far that is. */
  @Test
  void theLogSaysHowFarAListingIs() {
    bucket.withPageSize(10);
    List<String> seen = new ArrayList<>();
    LyingStore slow =
        new LyingStore(bucket)
            .onEveryPage(page -> {
              new RepairLog(catalog)
                  .newest(1)
                  .forEach(cycle -> {
                    if (cycle.finishedAt().isEmpty()) {
                      seen.add(cycle.listing().by().label() + " " + cycle.listing().keys());
                    }
                  });
              clock.advance(Duration.ofSeconds(11));
              return page;
            });
    runNormal(slow);
    // One bundle, of a page of its own, and objects, ten a page; the first page sees nothing yet.
    assertThat(seen).hasSize(3).allMatch(line -> line.startsWith("list "));
    assertThat(seen.getLast()).isIn("list 30", "list 31");
    RepairTracker.Listing listing = new RepairLog(catalog).newest().orElseThrow().listing();
    assertThat(listing.by()).isEqualTo(RepairTracker.Listing.By.LIST);
    assertThat(listing.keys()).isEqualTo(41);
    assertThat(listing.at()).isBefore(clock.instant());

    RepairTracker asked =
        runNormal(new LyingStore(bucket).onEveryPage(_ -> new Page(List.of(), List.of(), null)));
    assertThat(asked.listing().by()).isEqualTo(RepairTracker.Listing.By.HEAD);
  }
}
