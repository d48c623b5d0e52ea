package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Things that end whatever invocation touches them. */
class AttemptsTest extends SiteTest {
  private final Set<String> deadly = Collections.synchronizedSet(new HashSet<>());
  private final List<String> touched = Collections.synchronizedList(new ArrayList<>());

  private ObjectStore store() {
    Consumer<String> touch =
        key -> {
          touched.add(key);
          if (deadly.contains(key)) {
            throw new OutOfMemoryError(key);
          }
        };
    return new LyingStore(bucket).beforeGet(touch);
  }

  /** An invocation an hour later, which may die. */
  private Optional<CycleRun> invoke() {
    clock.advance(Duration.ofHours(1));
    freeLease();
    try {
      return Optional.of(cycle(store()).run(Optional.empty(), () -> false));
    } catch (OutOfMemoryError e) {
      return Optional.empty();
    }
  }

  private RepairTracker afterDeaths(int deaths) {
    for (int i = 1; i <= deaths; i++) {
      assertThat(invoke()).as("invocation %d", i).isEmpty();
    }
    CycleRun run = invoke().orElseThrow();
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    return run.cycle().orElseThrow();
  }

  private long left() {
    return catalog
        .execute(Statement.of("select count(*) as n from repair_attempts"))
        .first()
        .orElseThrow()
        .number("n");
  }

  /** Of several that are read side by side it is found out which one it is. */
  @Test
  void anObjectThatCannotBeReadIsPassedOverAfterThreeAttempts() {
    push(repo("r"), "a", "b", "c", "d", "e");
    runCleanup();
    for (String content : List.of("a", "b", "c", "d", "e")) {
      corrupt(content);
    }
    deadly.add(key("c"));
    lastWasBeforeCleanup();
    RepairTracker tracker = afterDeaths(3);
    assertThat(tracker.isCleanup()).isTrue();
    assertThat(count(tracker, Counter.PASSED_OVER)).isEqualTo(1);
    assertThat(List.of("a", "b", "d", "e"))
        .as("all others are as they were")
        .allSatisfy(content -> assertThat(bucket.bytes(key(content))).isEqualTo(text(content)));
    assertThat(touched.stream().filter(key("c")::equals)).hasSize(3);
    assertThat(left()).as("it alone stays written down").isEqualTo(1);
    touched.clear();
    runCleanup(store());
    assertThat(touched).as("for a week").doesNotContain(key("c"));
    deadly.clear();
    clock.advance(Duration.ofDays(7));
    runCleanup(store());
    assertThat(left()).isZero();
    requireSound();
  }

  private void lastWasBeforeCleanup() {
    catalog.execute(Statement.of("update repair_trackers set cursor_i = 4"));
  }

  /** What it may have is looked for elsewhere, and no loss is proven while it is not read. */
  @Test
  void aBundleThatCannotBeReadStopsNoSearch() {
    Repo repo = repo("r");
    push(repo, "a", "b");
    clock.advance(Duration.ofMinutes(1));
    ContentId heavy = push(repo, "x", "y");
    runCleanup();
    lose("a", "x", "y");
    pushWithoutBundle(repo, "lonely");
    lose("lonely");
    deadly.add(bundleKey(repo, heavy));
    RepairTracker tracker = afterDeaths(3);
    assertThat(count(tracker, Counter.PASSED_OVER)).isEqualTo(1);
    assertThat(has("a")).isTrue();
    assertThat(lost()).hasSize(3);
    for (int day = 0; day < 5; day++) {
      clock.advance(Duration.ofDays(1));
      assertThat(invoke().map(CycleRun::outcome)).contains(CycleRun.Outcome.FINISHED);
    }
    assertThat(lost()).allMatch(entry -> entry.declaredAt().isEmpty());
    deadly.clear();
    clock.advance(Duration.ofDays(7));
    run();
    clock.advance(Duration.ofDays(1));
    run();
    assertThat(has("x")).isTrue();
    assertThat(has("y")).isTrue();
    assertThat(left()).isZero();
  }

  @Test
  void aPullThatNeverComesBackIsALossForNow() {
    List<String> asked = new ArrayList<>();
    MemoryPeer peer = new MemoryPeer("https://peer.example", spool, asked).with("l1", "l2", "l3");
    peer.deadly.add(id("l2"));
    peers = new Peers(Optional.of("https://self.example"), List.of(peer), 2);
    pushWithoutBundle(repo("r"), "l1", "l2", "l3");
    runCleanup();
    lose("l1", "l2", "l3");
    RepairTracker tracker = afterDeaths(3);
    assertThat(count(tracker, Counter.PASSED_OVER)).isEqualTo(1);
    assertThat(has("l1")).isTrue();
    assertThat(has("l3")).isTrue();
    assertThat(lost())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.key()).isEqualTo(key("l2"));
          assertThat(entry.reason()).contains("3 attempts", "never came back");
        });
  }

  /** What fails with an answer has come back: it is no suspect. */
  @Test
  void whatFailsIsNotSuspected() {
    push(repo("r"), "a", "b");
    runCleanup();
    corrupt("a");
    LyingStore failing =
        new LyingStore(bucket)
            .beforeGet(key -> {
              throw new SheafException(ErrorKind.UNAVAILABLE, "503");
            });
    runCleanup(failing);
    assertThat(left()).isZero();
  }

  @Test
  void aCycleThatTriesNothingWritesNothingDown() {
    push(repo("r"), "a", "b");
    runCleanup();
    run();
    assertThat(requests.count(RequestKind.CATALOG_STATEMENT))
        .as("as many as before there were attempts")
        .isEqualTo(12);
    assertThat(left()).isZero();
  }

  /** A plan looks, and neither tries nor crosses out. */
  @Test
  void aDryRunLeavesWhatIsWrittenDown() {
    push(repo("r"), "a", "b");
    runCleanup();
    corrupt("a");
    deadly.add(key("a"));
    lastWasBeforeCleanup();
    assertThat(invoke()).isEmpty();
    long before = left();
    assertThat(before).isPositive();
    clock.advance(Duration.ofDays(40));
    cycle(store()).plan(_ -> {});
    assertThat(left()).isEqualTo(before);
    freeLease();
    assertThatThrownBy(() -> cycle(store()).run(Optional.empty(), () -> false))
        .isInstanceOf(OutOfMemoryError.class);
  }
}
