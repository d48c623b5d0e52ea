package dev.sheaf.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // may wrap around

  private Deadline in(int seconds) {
    return Deadline.in(Duration.ofSeconds(seconds), now::get, nanos::get);
  }

  @Test
  void endsByTheWallClockWhichShowsWhenASandboxWasFrozen() {
    Deadline deadline = in(15);
    assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(15));
    now.set(Instant.EPOCH.plusSeconds(3_600));
    assertThat(deadline.hasPassed()).isTrue();
    assertThat(deadline.remaining()).isZero();
  }

  @Test
  void endsByTheMonotonicClockWhenTheWallClockIsSetBack() {
    Deadline deadline = in(15);
    now.set(Instant.EPOCH.minusSeconds(3_600));
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(5));
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(deadline.hasPassed()).isTrue();
  }

  @Test
  void neverEndsLaterThanTheOneThatItIsWithin() {
    in(5)
        .run(() -> {
          in(60).run(() -> assertThat(left()).isEqualTo(Duration.ofSeconds(5)));
          in(1).run(() -> assertThat(left()).isEqualTo(Duration.ofSeconds(1)));
        });
    assertThat(Deadline.current()).isEmpty();
  }

  private static Duration left() {
    return Deadline.current().orElseThrow().remaining();
  }

  @Test
  void cutsWhatKnowsNoLimitUnlessThatIsOver() throws InterruptedException {
    AtomicBoolean early = new AtomicBoolean();
    CountDownLatch late = new CountDownLatch(1);
    Deadline.cut(() -> early.set(true)).close(); // without a deadline
    Deadline.in(Duration.ofMillis(50), InstantSource.system(), System::nanoTime)
        .run(() -> {
          Deadline.cut(() -> early.set(true)).close();
          Deadline.cut(late::countDown);
        });
    assertThat(late.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(early).isFalse();
  }
}
