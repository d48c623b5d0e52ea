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
class TimedWritesTest {
  private final CountDownLatch never = new CountDownLatch(1);

  private static TimedWrites writes(long millis) {
    return new TimedWrites(Duration.ofMillis(millis), Site.IN_REAL_TIME);
  }

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void whatTakesTooLongEnds() {
    TimedWrites writes = writes(20);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> writes.run(() -> Waits.await(never), true))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("deadline");
      writes.run(() -> {}, true); // and the next has its own time
    }
  }

  @Test
  void whatSomebodyElseInterruptsIsMadeAgainAndTheInterruptKept() {
    AtomicInteger attempts = new AtomicInteger();
    writes(60_000)
        .run(
            () -> {
              if (attempts.incrementAndGet() < 3) {
                Thread.currentThread().interrupt();
                Waits.await(never);
              }
            },
            true);
    assertThat(attempts).hasValue(3);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void whatIsInterruptedAgainAndAgainEndsWithItsTime() {
    assertThatThrownBy(() ->
            writes(20)
                .run(
                    () -> {
                      Thread.currentThread().interrupt();
                      Waits.await(never);
                    },
                    true))
        .hasMessageStartingWith("not done after");
    assertThat(Thread.interrupted()).as("the caller still learns of it").isTrue();
  }

  @Test
  void pastTheDeadlineNothingIsMadeAgain() {
    AtomicReference<Instant> now = new AtomicReference<>(Site.HOST.clock().instant());
    AtomicInteger attempts = new AtomicInteger();
    TimedWrites writes = new TimedWrites(Duration.ofSeconds(15), Site.hostAt(now::get));
    assertThatThrownBy(() ->
            writes.run(
                () -> {
                  attempts.incrementAndGet();
                  now.updateAndGet(before -> before.plusSeconds(3_600)); // a frozen sandbox thaws
                  Thread.currentThread().interrupt();
                  Waits.await(never);
                },
                true))
        .hasMessageStartingWith("not done after");
    assertThat(attempts).hasValue(1);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void otherFailuresStayWhatTheyAre() {
    IllegalStateException failure = new IllegalStateException("mine");
    assertThatThrownBy(() ->
            writes(60_000)
                .run(
                    () -> {
                      throw failure;
                    },
                    true))
        .isSameAs(failure);
  }

  /** Whoever has less time than a write does not cut off the write of others. */
  @Test
  void aNearerDeadlineOfTheCallerIsForWhatItWritesAlone() {
    AtomicReference<Deadline> alone = new AtomicReference<>();
    AtomicReference<Deadline> shared = new AtomicReference<>();
    TimedWrites writes = new TimedWrites(Duration.ofSeconds(15), Site.HOST);
    Instant now = Site.HOST.clock().instant();
    new Deadline(now.plusSeconds(5), Site.HOST.clock())
        .run(() -> {
          writes.run(() -> alone.set(Deadline.current().orElseThrow()), false);
          writes.run(() -> shared.set(Deadline.current().orElseThrow()), true);
        });
    assertThat(alone.get().at()).isEqualTo(now.plusSeconds(5));
    assertThat(shared.get().at()).isEqualTo(now.plusSeconds(15));
  }
}
