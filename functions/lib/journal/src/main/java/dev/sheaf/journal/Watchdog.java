package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes in the calling thread that end when their time is up, and not before. A thread that
 * watches interrupts them then; and the {@link Deadline} on the wall clock counts the time a
 * sandbox was frozen too. For one write at a time, and many of them: to give each a thread of its
 * own, as {@link TimedCall} does, takes longer than to prepare it.
 *
 * <p>Whoever else interrupts the calling thread does not want to wait any longer; but others may
 * wait for the same write. So it is made again in the time that is left, and the interrupt kept for
 * afterwards. That is why a write must be one that may land twice.
 *
 * <p>The watching thread is not told of every write. It sleeps until the time of the one that it
 * last saw would be up, looks which one there is by then, and ends when there was none in all that
 * time.
 */
final class Watchdog {
  private final Duration limit;
  private final Host host;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition never = lock.newCondition();
  private @Nullable Thread watched;
  private long begun;
  private long count;
  private boolean late; // and interrupted
  private boolean awake;

  /**
   * @param limit the time for each write
   * @param host by whose clocks it is measured
   */
  Watchdog(Duration limit, Host host) {
    this.limit = limit;
    this.host = host;
  }

  /**
   * Makes the write, again if the calling thread is interrupted within it.
   *
   * @param write fails and lets go of everything when its thread is interrupted
   * @throws SheafException of kind UNAVAILABLE when it failed and its time was up
   */
  void run(Runnable write) {
    Deadline deadline = new Deadline(host.clock().instant().plus(limit), host.clock());
    watch();
    boolean cancelled = false;
    try {
      while (!isDone(write, deadline)) {
        cancelled = true;
      }
    } finally {
      unwatch();
      if (cancelled) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether an attempt has succeeded; false when somebody interrupted it. */
  private boolean isDone(Runnable write, Deadline deadline) {
    try {
      deadline.run(write);
      return true;
    } catch (RuntimeException e) {
      if (!isToBeMadeAgain(deadline, e)) {
        throw e;
      }
      return false;
    }
  }

  /** Whether somebody else interrupted this thread, which forgets it; throws when we did. */
  private boolean isToBeMadeAgain(Deadline deadline, RuntimeException e) {
    lock.lock();
    try {
      if (late) {
        throw new SheafException(ErrorKind.UNAVAILABLE, "not done after " + limit, e);
      }
      return !deadline.hasPassed() && Thread.interrupted();
    } finally {
      lock.unlock();
    }
  }

  private void watch() {
    lock.lock();
    try {
      watched = Thread.currentThread();
      begun = host.nanoTime().getAsLong();
      count++;
      if (!awake) {
        awake = true;
        Thread.ofVirtual().name("journal-watchdog").start(this::guard);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is interrupted after this, and no interrupt of ours is left. */
  private void unwatch() {
    lock.lock();
    try {
      watched = null;
      if (late) {
        Thread.interrupted();
      }
      late = false;
    } finally {
      lock.unlock();
    }
  }

  private void guard() {
    lock.lock();
    try {
      long seen;
      do {
        seen = count;
        never.awaitNanos(left());
      } while (watched != null || seen != count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Nobody does that; the next write starts anew.
    } finally {
      awake = false;
      lock.unlock();
    }
  }

  /** Nanoseconds until there may be something to do. */
  private long left() {
    Thread working = watched;
    if (working == null || late) {
      return limit.toNanos();
    }
    long left = limit.toNanos() - (host.nanoTime().getAsLong() - begun);
    if (left <= 0) {
      late = true;
      working.interrupt();
    }
    return left <= 0 ? limit.toNanos() : left;
  }
}
