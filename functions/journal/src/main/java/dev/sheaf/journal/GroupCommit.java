package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.time.Duration;
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
 * <p>The thread that writes is none of the callers', so that none of them can cancel what others
 * wait for. It is a platform thread, which waits for the store with less ado than a virtual one,
 * and stays for a moment after the last write, because starting it takes as long as a write.
 */
final class GroupCommit {
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final String namespace;
  private final SegmentWriter writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition queued = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private List<Pending> queue = new ArrayList<>();
  private boolean hasThread;
  private boolean writing;
  private boolean closed;

  private record Pending(EncodedOps ops, CompletableFuture<Void> done) {}

  GroupCommit(String namespace, SegmentWriter writer) {
    this.namespace = namespace;
    this.writer = writer;
  }

  /** Returns when the operations are stored. An interrupt counts only before they are accepted. */
  void write(EncodedOps ops) {
    Pending pending = new Pending(ops, new CompletableFuture<>());
    accept(pending);
    try {
      pending.done.join(); // not interruptible: the write lands whether its caller waits or not
    } catch (CompletionException e) {
      throw e.getCause() instanceof SheafException failure
          ? new SheafException(failure.kind(), String.valueOf(failure.getMessage()), failure)
          : e;
    }
  }

  private void accept(Pending pending) {
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
      if (hasThread) {
        queued.signal();
      } else {
        Thread.ofPlatform().daemon().name("journal-writer-" + namespace).start(this::writeAll);
        hasThread = true;
      }
    } finally {
      lock.unlock();
    }
  }

  private void writeAll() {
    for (List<Pending> batch = take(); !batch.isEmpty(); batch = take()) {
      write(batch);
    }
  }

  /** All that is queued when something is; nothing, and the writer's end, if nothing comes. */
  private List<Pending> take() {
    lock.lock();
    try {
      writing = false;
      idle.signalAll();
      awaitQueued();
      List<Pending> batch = queue;
      queue = new ArrayList<>();
      writing = !batch.isEmpty();
      hasThread = writing;
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void awaitQueued() {
    try {
      long left = LINGER.toNanos();
      while (queue.isEmpty() && !closed && left > 0) {
        left = queued.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // Nobody has a reason to; what is queued is written, and else the thread ends early.
    }
  }

  private void write(List<Pending> batch) {
    try {
      writer.write(batch.stream().map(Pending::ops).toList());
      batch.forEach(pending -> pending.done.complete(null));
    } catch (RuntimeException | Error e) {
      SheafException failure =
          new SheafException(
              ErrorKind.UNAVAILABLE,
              "the store did not acknowledge a segment of "
                  + namespace
                  + ", so the outcome of this write is unknown; flush, and look before repeating"
                  + " operations that count: "
                  + e.getMessage(),
              e);
      batch.forEach(pending -> pending.done.completeExceptionally(failure));
    }
  }

  /** Refuses what is queued and what comes, and waits for the put in flight. */
  void close() {
    lock.lock();
    try {
      closed = true;
      queue.forEach(pending -> pending.done.completeExceptionally(closed(namespace)));
      queue = new ArrayList<>();
      queued.signal(); // the writer, that it ends
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
