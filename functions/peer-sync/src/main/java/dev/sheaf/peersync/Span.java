package dev.sheaf.peersync;

import dev.sheaf.storage.Deadline;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * The time that a part of a tick has. What is under way when it is over is broken off: whoever runs
 * the tick is stopped soon after, and what became of the work could not be noted any more.
 *
 * @param begins nothing is begun from then on
 * @param ends waits for others are over then
 */
record Span(Instant begins, Instant ends, InstantSource clock) {
  /** Whether something may be begun. */
  boolean hasRoom() {
    return clock.instant().isBefore(begins);
  }

  /** Whether what failed may have failed for want of time. */
  boolean isOver() {
    return !clock.instant().isBefore(ends);
  }

  /** Does work, whose waits end with this. */
  <T> T within(Supplier<T> work) {
    try {
      return new Deadline(ends, clock).call(work::get);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a supplier throws nothing else", e);
    }
  }
}
