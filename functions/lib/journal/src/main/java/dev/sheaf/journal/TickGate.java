package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one tick at a time pass. A flush goes before a background tick that is due, because somebody
 * waits for it; but after {@link JournalOptions#FLUSHES_BEFORE_TICK} flushes in a row the
 * background tick has its turn, so that compaction is not starved.
 */
final class TickGate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Long> flushes = new ArrayDeque<>();
  private long nextFlush;
  private boolean ticker;
  private boolean busy;
  private int streak;

  /** Waits for the turn of a flush, at most this long; {@link #leave} must follow. */
  void enterForFlush(Duration limit) {
    lock.lock();
    Long me = nextFlush++;
    try {
      flushes.add(me);
      long left = limit.toNanos();
      while (busy || !isTurnOf(me)) {
        if (left <= 0) {
          throw new SheafException(
              ErrorKind.UNAVAILABLE, "another tick was still running after " + limit);
        }
        left = changed.awaitNanos(left);
      }
      busy = true;
      streak++;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted while waiting to flush", e);
    } finally {
      flushes.remove(me);
      changed.signalAll();
      lock.unlock();
    }
  }

  private boolean isTurnOf(Long flush) {
    boolean tickerFirst = ticker && streak >= JournalOptions.FLUSHES_BEFORE_TICK;
    return !tickerFirst && flush.equals(flushes.peek());
  }

  /** Waits for the turn of the background tick; {@link #leave} must follow. */
  void enterForTicker() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      ticker = true;
      while (busy || (!flushes.isEmpty() && streak < JournalOptions.FLUSHES_BEFORE_TICK)) {
        changed.await();
      }
      busy = true;
      streak = 0;
    } finally {
      ticker = false;
      lock.unlock();
    }
  }

  void leave() {
    lock.lock();
    try {
      busy = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
