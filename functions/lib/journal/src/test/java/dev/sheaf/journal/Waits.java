package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waiting in tests: for what must come, and never for a time. */
final class Waits {
  private static final long PATIENCE_SECONDS = 20;

  private Waits() {}

  /** Waits; an interrupt or a deadline ends it as it ends a request. */
  static void await(CountDownLatch latch) {
    Duration patience = Duration.ofSeconds(PATIENCE_SECONDS);
    Optional<Duration> limit =
        Deadline.current().map(Deadline::remaining).filter(left -> left.compareTo(patience) < 0);
    try {
      if (!latch.await(limit.orElse(patience).toNanos(), TimeUnit.NANOSECONDS)) {
        if (limit.isPresent()) {
          throw new SheafException(ErrorKind.UNAVAILABLE, "the deadline of the request passed");
        }
        throw new AssertionError("what the test waits for did not come");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorKind.UNAVAILABLE, "the request was interrupted", e);
    }
  }

  /** Waits until every one of these threads waits for something itself. */
  static void untilParked(Collection<Thread> threads) {
    for (Thread thread : threads) {
      while (thread.getState() != Thread.State.WAITING
          && thread.getState() != Thread.State.TIMED_WAITING
          && thread.getState() != Thread.State.TERMINATED) {
        Thread.onSpinWait();
      }
    }
  }

  static void join(Thread thread) {
    try {
      if (!thread.join(Duration.ofSeconds(PATIENCE_SECONDS))) {
        throw new AssertionError("thread hangs: " + thread);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
