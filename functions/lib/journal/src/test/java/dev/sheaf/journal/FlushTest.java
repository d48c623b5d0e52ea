package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Flushes, the background tick, and who waits for whom. */
@DisplayNameGeneration(ScenarioNames.class)
@Timeout(60)
class FlushTest {
  private static final Operation ONE = new IntAdd("n", 1);
  private static final Duration SOON = Duration.ofMillis(50);

  /** Ticks at once when it starts to tick, and then not again while a test runs. */
  private static final JournalOptions BACKGROUND =
      Site.OPTIONS.withSyncInterval(Duration.ofHours(1)).withBackground(true);

  private final FakeBucket bucket = new FakeBucket();
  private final Journal journal = Journal.open(bucket, Namespace.of("git"), BACKGROUND);
  private final Site other = new Site(bucket, "git");

  @AfterEach
  void close() {
    journal.close();
  }

  @Test
  void flushFirstSkipsInitialTick() {
    bucket.takeLog();
    journal.flush();
    assertThat(journal.integer("n")).isZero();
    journal.apply(ONE);
    assertThat(bucket.takeLog())
        .containsExactly(
            "GET list 200",
            "GET rollup 404",
            "GET object 404",
            "PUT rollup 200 (If-None-Match:*)",
            "PUT segment 200");
  }

  @Test
  void firstReadStartsATickAtOnce() {
    other.apply(ONE);
    HeldRequest fetched = HeldRequest.after(bucket, "GET segment");
    assertThat(journal.integer("n")).isZero(); // from memory, which is empty yet
    fetched.await();
    fetched.release();
    journal.flush(); // behind the tick
    assertThat(journal.integer("n")).isEqualTo(1);
  }

  @Test
  void flushDeadlineAbortsTick() {
    other.apply(ONE);
    HeldRequest.before(bucket, "GET segment");
    assertThatThrownBy(() -> journal.flush(SOON)).isInstanceOf(SheafException.class);
    assertThat(journal.integer("n")).isZero();
    assertThat(journal.lastFailure()).isPresent();
    journal.flush();
    assertThat(journal.integer("n")).isEqualTo(1);
    assertThat(journal.lastFailure()).isEmpty();
  }

  @Test
  void flushFirstDeadlineNotBlockedByStartTick() {
    other.apply(ONE);
    HeldRequest list = HeldRequest.before(bucket, "GET list");
    assertThatThrownBy(() -> journal.flush(SOON)).isInstanceOf(SheafException.class);
    assertThat(list.isReached()).isTrue();
    journal.flush(); // nothing of the abandoned one is in the way
    assertThat(journal.integer("n")).isEqualTo(1);
  }

  @Test
  void flushWaitsNoLongerThanItsLimitForAnotherTick() {
    HeldRequest list = HeldRequest.before(bucket, "GET list");
    assertThat(journal.integer("n")).isZero(); // starts the background tick, which hangs
    list.await();
    assertThatThrownBy(() -> journal.flush(SOON))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("still running");
    list.release();
  }

  /** Pairs: what fails before the store is asked, and after it has answered. */
  @Test
  void backgroundTicksSurviveWhateverATickThrows() {
    for (Runnable failing :
        List.<Runnable>of(
            () -> {
              throw new IllegalStateException("unexpected");
            },
            () -> {
              throw new StackOverflowError("unexpected");
            })) {
      FakeBucket store = new FakeBucket();
      store.next("GET list", FakeBucket.before(failing));
      store.next("GET list", FakeBucket.after(failing));
      HeldRequest third = HeldRequest.before(store, "GET list");
      try (Journal ticking =
          Journal.open(
              store, Namespace.of("git"), BACKGROUND.withSyncInterval(Duration.ofMillis(1)))) {
        assertThat(ticking.integer("n")).isZero(); // starts the ticks
        third.await();
        assertThat(ticking.lastFailure())
            .hasValueSatisfying(e -> assertThat(e).hasMessageContaining("unexpected"));
        third.release();
      }
    }
  }

  @Test
  void anOuterDeadlineCutsAFlushInFlight() {
    HeldRequest list = HeldRequest.before(bucket, "GET list");
    Deadline outer = new Deadline(Site.HOST.clock().instant().plus(SOON), Site.HOST.clock());
    assertThatThrownBy(() -> outer.run(journal::flush))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("deadline");
    assertThat(list.isReached()).isTrue();
  }

  @Test
  void anOuterDeadlineCutsTheWaitForAnotherTick() {
    HeldRequest list = HeldRequest.before(bucket, "GET list");
    assertThat(journal.integer("n")).isZero(); // starts the background tick, which hangs
    list.await();
    Deadline outer = new Deadline(Site.HOST.clock().instant().plus(SOON), Site.HOST.clock());
    assertThatThrownBy(() -> outer.run(journal::flush)).hasMessageContaining("still running");
    list.release();
  }

  @Test
  void closeLeavesNoInterruptToWhoeverFlushed() {
    HeldRequest list = HeldRequest.before(bucket, "GET list");
    AtomicReference<Boolean> interrupted = new AtomicReference<>(true);
    Thread flushing =
        Thread.ofVirtual()
            .start(() -> {
              assertThatThrownBy(journal::flush).isInstanceOf(SheafException.class);
              interrupted.set(Thread.currentThread().isInterrupted());
              assertThatThrownBy(journal::flush).hasMessageContaining("closed");
            });
    list.await();
    journal.close();
    Waits.join(flushing);
    assertThat(interrupted.get()).isFalse();
  }

  @Test
  void flushBarrier() {
    HeldRequest listed = HeldRequest.after(bucket, "GET list");
    Thread early = Thread.ofVirtual().start(journal::flush);
    listed.await(); // this one has listed, and has not seen what comes now
    other.apply(ONE);
    Thread late = Thread.ofVirtual().start(journal::flush);
    Waits.untilParked(List.of(late));
    listed.release();
    Waits.join(early);
    Waits.join(late);
    assertThat(journal.integer("n")).isEqualTo(1);
  }

  @Test
  void flushNotStarvedByTicker() {
    assertThat(orderBehindOneFlush(1)).containsExactly("flush", "tick");
  }

  @Test
  void tickerNotStarvedByFlush() {
    List<String> order = orderBehindOneFlush(40);
    assertThat(order.indexOf("tick")).isEqualTo(JournalOptions.FLUSHES_BEFORE_TICK - 1);
    assertThat(order).hasSize(41);
  }

  /** A flush is under way; a tick comes due, and then so many flushes: who goes when. */
  private static List<String> orderBehindOneFlush(int flushes) {
    TickGate gate = new TickGate();
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    gate.enterForFlush(Duration.ofMinutes(1));
    threads.add(
        Thread.ofVirtual()
            .start(() -> {
              try {
                gate.enterForTicker();
                order.add("tick");
                gate.leave();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            }));
    for (int i = 0; i < flushes; i++) {
      Waits.untilParked(threads);
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                gate.enterForFlush(Duration.ofMinutes(1));
                order.add("flush");
                gate.leave();
              }));
    }
    Waits.untilParked(threads);
    gate.leave();
    threads.forEach(Waits::join);
    return order;
  }

  @Test
  void closeEndsAFlushThatHangs() {
    HeldRequest list = HeldRequest.before(bucket, "GET list");
    AtomicReference<Throwable> outcome = new AtomicReference<>(new AssertionError("no failure"));
    Thread flushing =
        Thread.ofVirtual()
            .start(() -> {
              try {
                journal.flush();
              } catch (SheafException e) {
                outcome.set(e);
              }
            });
    list.await();
    journal.close();
    Waits.join(flushing);
    assertThat(outcome.get()).isInstanceOf(SheafException.class);
  }

  @Test
  void refreshLooksOnlyWhenWhatIsServedIsOld() {
    AtomicReference<Instant> clock = new AtomicReference<>(Instant.parse("2026-07-04T10:00:00Z"));
    Host host = Site.hostAt(clock::get);
    Duration interval = Duration.ofSeconds(15);
    try (Journal function =
        Journal.open(bucket, Namespace.of("git"), Site.OPTIONS.withHost(host))) {
      assertThat(function.refresh(interval)).isTrue(); // a new sandbox
      bucket.takeLog();
      assertThat(function.refresh(interval)).isFalse();
      clock.updateAndGet(now -> now.plusSeconds(15));
      assertThat(function.refresh(interval)).isFalse();
      clock.updateAndGet(now -> now.plusSeconds(3600)); // frozen, and thawed
      assertThat(function.refresh(interval)).isTrue();
      assertThat(bucket.takeLog())
          .containsExactly("GET list 200", "GET rollup 304 (If-None-Match)");
    }
  }
}
