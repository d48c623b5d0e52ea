package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes of many callers in few segments: while one is being put, the next callers queue up, and
 * all of them share the next one. At most one put is in flight.
 *
 * <p>A caller that finds nobody writing puts the segment itself: with a thread between them, two
 * hand-overs would take a third as long as the put. Then the first of those who came meanwhile has
 * its turn, and puts what has queued up until then. Nobody can cancel what others wait for: the
 * {@link SegmentWriter} sees to it that an interrupt of the caller who happens to write ends
 * nothing.
 */
final class GroupCommit {
  private final String namespace;
  private final SegmentWriter writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private List<Pending> queue = new ArrayList<>();
  private boolean writing; // or about to
  private boolean closed;

  /** What a caller waits for. */
  private enum Turn {
    /** Its operations are stored. */
    STORED,
    /** It has to write: its operations and those of all who wait. */
    WRITE
  }

  private record Pending(EncodedOps ops, CompletableFuture<Turn> turn) {}

  GroupCommit(String namespace, SegmentWriter writer) {
    this.namespace = namespace;
    this.writer = writer;
  }

  /** Returns when the operations are stored. An interrupt counts only before they are accepted. */
  void write(EncodedOps ops) {
    Pending pending = new Pending(ops, new CompletableFuture<>());
    if (accept(pending) || turnOf(pending) == Turn.WRITE) {
      try {
        writeAll();
      } finally {
        passOn();
      }
    }
  }

  /** Queues a write up; whether its caller is to write at once. */
  private boolean accept(Pending pending) {
    lock.lock();
    try {
      if (Thread.currentThread().isInterrupted()) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            "interrupted before the write to " + namespace + " was accepted: nothing was written");
      }
      if (closed) {
        throw closed(namespace);
      }
      queue.add(pending);
      boolean first = !writing;
      writing = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  private static Turn turnOf(Pending pending) {
    try {
      return pending.turn
          .join(); // not interruptible: the write lands whether its caller waits or not
    } catch (CompletionException e) {
      throw e.getCause() instanceof SheafException failure
          ? new SheafException(failure.kind(), String.valueOf(failure.getMessage()), failure)
          : e;
    }
  }

  /** Writes all that is queued at this moment, the caller's own among it. */
  private void writeAll() {
    List<Pending> batch = take();
    List<EncodedOps> parts = new ArrayList<>(batch.size());
    batch.forEach(pending -> parts.add(pending.ops));
    try {
      writer.write(parts);
    } catch (RuntimeException | Error e) {
      SheafException failure = unknownOutcome(e);
      batch.forEach(pending -> pending.turn.completeExceptionally(failure));
      throw failure;
    }
    batch.forEach(pending -> pending.turn.complete(Turn.STORED));
  }

  private List<Pending> take() {
    lock.lock();
    try {
      if (queue.isEmpty()) {
        throw closed(namespace); // which happened since the caller was given its turn
      }
      List<Pending> batch = queue;
      queue = new ArrayList<>();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Gives the first of those who wait its turn. */
  private void passOn() {
    lock.lock();
    try {
      if (queue.isEmpty()) {
        writing = false;
        idle.signalAll();
      } else {
        queue.getFirst().turn.complete(Turn.WRITE);
      }
    } finally {
      lock.unlock();
    }
  }

  private SheafException unknownOutcome(Throwable e) {
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        "the store did not acknowledge a segment of "
            + namespace
            + ", so the outcome of this write is unknown; flush, and look before repeating"
            + " operations that count: "
            + e.getMessage(),
        e);
  }

  /** Refuses what is queued and what comes, and waits for the put in flight. */
  void close() {
    lock.lock();
    try {
      closed = true;
      queue.forEach(pending -> pending.turn.completeExceptionally(closed(namespace)));
      queue = new ArrayList<>();
      while (writing) {
        idle.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  static SheafException closed(String namespace) {
    return new SheafException(
        ErrorKind.INVALID, "the journal of " + namespace + " is closed: nothing was written");
  }
}
