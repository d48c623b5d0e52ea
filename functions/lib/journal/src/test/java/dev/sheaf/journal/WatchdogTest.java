package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchdogTest {
  private final CountDownLatch never = new CountDownLatch(1);

  private static Watchdog watchdog(long millis) {
    return new Watchdog(Duration.ofMillis(millis), Site.IN_REAL_TIME);
  }

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void whatTakesTooLongIsInterrupted() {
    Watchdog watchdog = watchdog(20);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> watchdog.run(() -> Waits.await(never)))
          .isInstanceOf(SheafException.class)
          .hasMessage("not done after PT0.02S");
      watchdog.run(() -> {}); // and the next has its own time
    }
  }

  @Test
  void manyInTimeAreLeftAloneAndTheLateOneAmongThemIsNot() {
    Watchdog watchdog = watchdog(100);
    for (int i = 0; i < 10_000; i++) {
      watchdog.run(() -> assertThat(Thread.currentThread().isInterrupted()).isFalse());
    }
    assertThatThrownBy(() -> watchdog.run(() -> Waits.await(never)))
        .hasMessageStartingWith("not done after");
  }

  /** Its outcome is known, so it counts; but the thread's next work must not feel the interrupt. */
  @Test
  void whatSucceedsAllTheSameHasSucceeded() {
    AtomicInteger done = new AtomicInteger();
    watchdog(20)
        .run(() -> {
          while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
          }
          done.incrementAndGet();
        });
    assertThat(done).hasValue(1);
  }

  @Test
  void whatSomebodyElseInterruptsIsMadeAgainAndTheInterruptKept() {
    Watchdog watchdog = watchdog(60_000);
    AtomicInteger attempts = new AtomicInteger();
    watchdog.run(() -> {
      if (attempts.incrementAndGet() < 3) {
        Thread.currentThread().interrupt();
        Waits.await(never);
      }
    });
    assertThat(attempts).hasValue(3);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void whatIsInterruptedAgainAndAgainEndsWithItsTime() {
    Watchdog watchdog = watchdog(20);
    assertThatThrownBy(() ->
            watchdog.run(() -> {
              Thread.currentThread().interrupt();
              Waits.await(never);
            }))
        .hasMessageStartingWith("not done after");
    assertThat(Thread.interrupted()).as("the caller still learns of it").isTrue();
  }

  @Test
  void pastTheDeadlineNothingIsMadeAgain() {
    AtomicReference<Instant> now = new AtomicReference<>(Site.HOST.clock().instant());
    AtomicInteger attempts = new AtomicInteger();
    Watchdog watchdog = new Watchdog(Duration.ofSeconds(15), Site.hostAt(now::get));
    assertThatThrownBy(() ->
            watchdog.run(() -> {
              attempts.incrementAndGet();
              now.updateAndGet(before -> before.plusSeconds(3_600)); // a frozen sandbox thaws
              Thread.currentThread().interrupt();
              Waits.await(never);
            }))
        .hasMessageContaining("interrupted");
    assertThat(attempts).hasValue(1);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void otherFailuresStayWhatTheyAre() {
    IllegalStateException failure = new IllegalStateException("mine");
    assertThatThrownBy(() ->
            watchdog(60_000)
                .run(() -> {
                  throw failure;
                }))
        .isSameAs(failure);
    AssertionError error = new AssertionError("mine");
    assertThatThrownBy(() ->
            watchdog(60_000)
                .run(() -> {
                  throw error;
                }))
        .isSameAs(error);
  }

  @Test
  void theDeadlineOnTheWallClockIsTheLimitFromNow() {
    AtomicReference<Deadline> deadline = new AtomicReference<>();
    watchdog(15_000).run(() -> deadline.set(Deadline.current().orElseThrow()));
    assertThat(deadline.get().at()).isEqualTo(Site.HOST.clock().instant().plusSeconds(15));
  }
}
