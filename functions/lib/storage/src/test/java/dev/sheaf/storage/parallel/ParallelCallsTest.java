package dev.sheaf.storage.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParallelCallsTest {
  @Test
  void givesResultsInTheOrderOfSubmission() {
    try (ParallelCalls<Integer> calls = new ParallelCalls<>(7)) {
      for (int i = 0; i < 500; i++) {
        int number = i;
        calls.submit(() -> number);
      }
      assertThat(calls.results()).isEqualTo(IntStream.range(0, 500).boxed().toList());
      assertThat(calls.results()).isEmpty();
      calls.submit(() -> 7);
      assertThat(calls.results()).isEqualTo(List.of(7));
    }
  }

  @Test
  void fillsItsSlotsAndNeverMore() {
    int slots = 10;
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(slots);
    try (ParallelCalls<@Nullable Void> calls = new ParallelCalls<>(slots)) {
      for (int i = 0; i < 100; i++) {
        calls.submit(() -> {
          most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
          full.countDown();
          full.await();
          inFlight.decrementAndGet();
          return null;
        });
      }
      calls.results();
    }
    assertThat(most).hasValue(slots);
  }

  @Test
  void aCallHasTheDeadlineOfWhoeverSubmitsIt() {
    Instant at = Instant.parse("2026-06-01T12:00:00Z");
    try (ParallelCalls<Optional<Instant>> calls = new ParallelCalls<>(2)) {
      new Deadline(at, () -> Instant.EPOCH)
          .run(() -> calls.submit(() -> Deadline.current().map(Deadline::at)));
      calls.submit(() -> Deadline.current().map(Deadline::at));
      assertThat(calls.results()).containsExactly(Optional.of(at), Optional.empty());
    }
  }

  @Test
  void theFirstFailureStopsTheOthersAndComesOut() {
    AtomicInteger interrupted = new AtomicInteger();
    CountDownLatch waiting = new CountDownLatch(4);
    try (ParallelCalls<@Nullable Void> calls = new ParallelCalls<>(5)) {
      for (int i = 0; i < 4; i++) {
        calls.submit(() -> {
          try {
            waiting.countDown();
            new CountDownLatch(1).await();
            return null;
          } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
          }
        });
      }
      calls.submit(() -> {
        waiting.await();
        throw new IllegalStateException("the fifth");
      });
      assertThatThrownBy(calls::results).hasMessage("the fifth");
      assertThatThrownBy(() -> calls.submit(() -> null)).hasMessage("the fifth");
    }
    assertThat(interrupted).hasValue(4);
  }

  @Test
  void aProducerThatWaitsForASlotHearsOfAFailure() {
    AtomicInteger started = new AtomicInteger();
    assertThatThrownBy(
            () -> {
              try (ParallelCalls<@Nullable Void> calls = new ParallelCalls<>(2)) {
                for (int i = 0; i < 1_000_000; i++) {
                  calls.submit(() -> {
                    if (started.incrementAndGet() == 50) {
                      throw new AssertionError("an error, not an exception");
                    }
                    return null;
                  });
                }
              }
            })
        .isInstanceOf(AssertionError.class);
    assertThat(started).hasValueLessThan(100);
  }

  @Test
  void closingLeavesNothingRunning() {
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(3);
    try (ParallelCalls<@Nullable Void> calls = new ParallelCalls<>(3)) {
      for (int i = 0; i < 3; i++) {
        calls.submit(() -> {
          try {
            running.countDown();
            new CountDownLatch(1).await();
          } finally {
            ended.incrementAndGet();
          }
          return null;
        });
      }
      running.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(ended).hasValue(3);
  }

  @Test
  void anInterruptedProducerStopsAndKeepsItsFlag() {
    AtomicInteger ended = new AtomicInteger();
    try (ParallelCalls<@Nullable Void> calls = new ParallelCalls<>(1)) {
      calls.submit(() -> {
        try {
          new CountDownLatch(1).await();
        } finally {
          ended.incrementAndGet();
        }
        return null;
      });
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> calls.submit(() -> null)).isInstanceOf(SheafException.class);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }
    assertThat(Thread.interrupted()).isTrue();
    assertThat(ended).hasValue(1);
  }
}
