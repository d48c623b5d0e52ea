package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bucket that is too large for one invocation is gone through range by range. */
class RangesTest extends SiteTest {
  private static final int OBJECTS = 60;
  private static final String[] CONTENTS =
      IntStream.range(0, OBJECTS).mapToObj(i -> "content " + i).toArray(String[]::new);

  private int invocations;

  /** One cycle through the queue, to its end. */
  private RepairTracker runAll(BooleanSupplier isShortOfTime) {
    return runAll(bucket, isShortOfTime);
  }

  private RepairTracker runAll(ObjectStore store, BooleanSupplier isShortOfTime) {
    clock.advance(Duration.ofHours(1));
    Optional<Instant> continued = Optional.empty();
    for (invocations = 1; invocations < 200; invocations++) {
      CycleRun run = cycle(store).run(continued, isShortOfTime);
      if (run.outcome() == CycleRun.Outcome.FINISHED) {
        assertThat(queue.drain()).isEmpty();
        return run.cycle().orElseThrow();
      }
      assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.CONTINUES);
      List<String> messages = queue.drain();
      assertThat(messages).hasSize(1);
      continued = Continuation.parse(messages.getFirst());
      clock.advance(Duration.ofSeconds(30));
    }
    throw new AssertionError("comes to no end");
  }

  @Test
  void eachInvocationListsAndChecksItsRange() {
    push(repo("r"), CONTENTS);
    options = options.withRangeKeys(25).withBatch(10);
    RepairTracker tracker = runAll(() -> false);
    assertThat(invocations).isEqualTo(3);
    assertThat(count(tracker, Counter.RANGES)).isEqualTo(2);
    assertThat(count(tracker, Counter.TOTAL_CHECKED)).isEqualTo(OBJECTS + 1);
    assertThat(count(tracker, Counter.ALREADY_HAVE)).isEqualTo(OBJECTS + 1);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_ENTRIES)).isEqualTo(OBJECTS + 1);
    // Of objects each invocation lists its range, of other kinds the first one lists all; a cleanup
    // looks at git's manifests in the last.
    assertThat(count(tracker, Counter.LIST_REQUESTS)).isEqualTo(4 + 1 + 1 + 1);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_MISS)).isZero();

    runAll(() -> false);
    assertThat(invocations).as("the next cycle knows how many there are").isEqualTo(3);
    options = options.withRangeKeys(OBJECTS + 1);
    runAll(() -> false);
    assertThat(invocations).isEqualTo(1);
  }

  /** A lost object of a later range: only then are bundles listed again, which may have it. */
  @Test
  void otherKindsAreListedAgainForWhoAsksForThem() {
    push(repo("r"), CONTENTS);
    options = options.withRangeKeys(25).withBatch(10);
    runAll(() -> false);
    RepairTracker idle = runAll(() -> false);
    assertThat(count(idle, Counter.LIST_REQUESTS)).isEqualTo(4 + 1 + 1);
    String last = Arrays.stream(CONTENTS).max(Comparator.comparing(SiteTest::id)).orElseThrow();
    lose(last);
    RepairTracker tracker = runAll(() -> false);
    assertThat(count(tracker, Counter.LIST_REQUESTS)).isEqualTo(4 + 1 + 1 + 1);
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(1);
    assertThat(has(last)).isTrue();
    lose(last);
    LyingStore failing =
        new LyingStore(bucket)
            .onListing(
                ObjectKeys.BUNDLES,
                2,
                () -> {
                  throw new SheafException(ErrorKind.UNAVAILABLE, "503 SlowDown");
                });
    runAll(failing, () -> false);
    assertThat(has(last)).as("by HEAD, where the listing of bundles fails").isTrue();
    assertThat(lost()).isEmpty();
  }

  /** Whatever the ranges and however short the time: the same repairs as in one piece. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void comesToTheSameAsInOnePiece(long seed) {
    Random random = new Random(seed);
    push(repo("r"), CONTENTS);
    runCleanup();
    List<String> before = keys();
    bucket.plant(key("nobody's"), text("nobody's"));
    clock.advance(Duration.ofDays(8));
    options = options.withRangeKeys(5 + random.nextInt(30)).withBatch(1 + random.nextInt(12));
    for (int i = 0; i < 9; i++) {
      lose(CONTENTS[random.nextInt(OBJECTS)]);
    }
    String corrupted = CONTENTS[random.nextInt(OBJECTS)];
    if (has(corrupted)) {
      corrupt(corrupted);
    }
    nextIsCleanup();
    int mostStatements = 25 + random.nextInt(60);
    RepairTracker tracker =
        runAll(() -> requests.count(RequestKind.CATALOG_STATEMENT) > mostStatements);
    assertThat(tracker.isCleanup()).isTrue();
    // What has come back with others of its bundle is not looked at any more.
    assertThat(count(tracker, Counter.TOTAL_CHECKED))
        .as("seed %d", seed)
        .isBetween(OBJECTS - 9L, OBJECTS + 1L);
    assertThat(count(tracker, Counter.SURPLUS_OBJECTS)).as("seed %d", seed).isEqualTo(1);
    bucket.delete(List.of(key("nobody's")));
    if (!lost().isEmpty()) { // its bundle could not be read in the time of one invocation
      clock.advance(Duration.ofHours(1));
      runAll(() -> false);
    }
    assertThat(keys()).as("seed %d", seed).isEqualTo(before);
    assertThat(lost()).isEmpty();
    requireSound();
  }

  private List<String> keys() {
    return bucket.keys().stream()
        .filter(key -> !key.startsWith(".metadata/") && !key.startsWith(ObjectKeys.DAMAGED))
        .toList();
  }

  private void nextIsCleanup() {
    catalog.execute(Statement.of("update repair_trackers set cursor_i = 4"));
  }

  @Test
  void aPlanGoesThroughAllRanges() {
    push(repo("r"), CONTENTS);
    runCleanup();
    lose(CONTENTS[3], CONTENTS[30], CONTENTS[59]);
    options = options.withRangeKeys(7);
    List<String> steps = new ArrayList<>();
    cycle().plan(steps::add);
    assertThat(steps).hasSize(3);
  }
}
