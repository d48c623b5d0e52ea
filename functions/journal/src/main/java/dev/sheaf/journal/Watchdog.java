package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Work in the calling thread that is interrupted when its time is up, by a watching thread in this
 * process and by the {@link Deadline} on the wall clock, which counts the time a sandbox was frozen
 * too. For one piece of work at a time, and many of them: to hand each to a thread of its own, as
 * {@link TimedCall} does, takes a sixth of the time of a small write.
 *
 * <p>The watching thread is not told of every piece of work. It sleeps until the time of the one
 * that it last saw would be up, looks which one there is by then, and ends when there was none in
 * all that time.
 */
final class Watchdog {
  private final Duration limit;
  private final Host host;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition never = lock.newCondition();
  private @Nullable Thread watched;
  private long begun;
  private long count;
  private boolean interrupted;
  private boolean awake;

  /**
   * @param limit the time for each piece of work
   * @param host by whose clocks it is measured
   */
  Watchdog(Duration limit, Host host) {
    this.limit = limit;
    this.host = host;
  }

  /**
   * Does the work, which lets go of everything when it is interrupted.
   *
   * @throws SheafException of kind UNAVAILABLE when it failed and its time was up
   */
  void run(Runnable work) {
    Deadline deadline = new Deadline(host.clock().instant().plus(limit), host.clock());
    watch();
    boolean late;
    RuntimeException failure = null;
    try {
      deadline.run(work);
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      late = unwatch();
    }
    if (failure != null) {
      throw late
          ? new SheafException(ErrorKind.UNAVAILABLE, "not done after " + limit, failure)
          : failure;
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

  /** Whether the time was up. An interrupt is over then. */
  private boolean unwatch() {
    lock.lock();
    try {
      watched = null;
      boolean late = interrupted && Thread.interrupted();
      interrupted = false;
      return late;
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
      Thread.currentThread().interrupt(); // Nobody does that; the next piece of work starts anew.
    } finally {
      awake = false;
      lock.unlock();
    }
  }

  /** Nanoseconds until there may be something to do. */
  private long left() {
    Thread working = watched;
    if (working == null || interrupted) {
      return limit.toNanos();
    }
    long left = limit.toNanos() - (host.nanoTime().getAsLong() - begun);
    if (left <= 0) {
      interrupted = true;
      working.interrupt();
    }
    return left <= 0 ? limit.toNanos() : left;
  }
}
