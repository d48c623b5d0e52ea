package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.time.Duration;

/**
 * Writes in the calling thread that end when their time is up, and not before: the {@link Deadline}
 * that they run under sees to it, and the store that asks for it.
 *
 * <p>Whoever interrupts the calling thread does not want to wait any longer; but others may wait
 * for the same write. So it is made again in the time that is left, and the interrupt kept for
 * afterwards. That is why a write must be one that may land twice.
 *
 * @param limit the time for each write
 * @param host by whose clocks it is measured
 */
record TimedWrites(Duration limit, Host host) implements SegmentWriter.Limit {
  /**
   * Makes the write, again if the calling thread is interrupted within it.
   *
   * @param shared whether others wait for it who know nothing of the caller's own deadline
   * @throws SheafException of kind UNAVAILABLE when it failed and its time was up
   */
  @Override
  public void run(Runnable write, boolean shared) {
    Deadline deadline = Deadline.in(limit, host.clock(), host.nanoTime());
    boolean cancelled = false;
    try {
      while (!isDone(shared ? () -> deadline.runRegardless(write) : () -> deadline.run(write))) {
        cancelled = true;
        if (deadline.hasPassed()) {
          throw new SheafException(ErrorKind.UNAVAILABLE, "not done after " + limit);
        }
      }
    } finally {
      if (cancelled) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether an attempt has succeeded; false when the thread was interrupted, which forgets it. */
  private static boolean isDone(Runnable attempt) {
    try {
      attempt.run();
      return true;
    } catch (RuntimeException e) {
      if (!Thread.interrupted()) {
        throw e;
      }
      return false;
    }
  }
}
