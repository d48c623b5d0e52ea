package dev.sheaf.testing;

import dev.sheaf.storage.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * A clock that stands still until told to move, or until somebody sleeps by it. Serves as wall
 * clock, as sleeper and as nanosecond ticker, so that the three agree.
 */
public final class ManualClock implements InstantSource, Sleeper, LongSupplier {
  private final Instant start;
  private Duration elapsed = Duration.ZERO;

  /** A clock that shows noon of the first of January 2026, UTC. */
  public ManualClock() {
    this(Instant.parse("2026-01-01T12:00:00Z"));
  }

  public ManualClock(Instant start) {
    this.start = start;
  }

  @Override
  public synchronized Instant instant() {
    return start.plus(elapsed);
  }

  /** Moves the clock forward. */
  public synchronized void advance(Duration duration) {
    elapsed = elapsed.plus(duration);
  }

  /** Moves the clock forward at once. */
  @Override
  public void sleep(Duration duration) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    advance(duration);
  }

  /** Nanoseconds since the clock was made. */
  @Override
  public synchronized long getAsLong() {
    return elapsed.toNanos();
  }

  /** How far the clock has moved. */
  public synchronized Duration elapsed() {
    return elapsed;
  }
}
