package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes of many callers in few segments: while one is being put, the next callers queue up, and
 * all of them share the next one. At most one put is in flight.
 *
 * <p>One thread of its own puts them, from the first write on. So nobody can cancel what others
 * wait for: neither an interrupt nor a deadline of a caller reaches it. A platform thread, which
 * the kernel wakes up: among virtual ones it waits for its turn behind those that wait for it.
 */
final class GroupCommit {
  private final String namespace;
  private final SegmentWriter writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private List<Pending> queue = new ArrayList<>();
  private @Nullable Thread thread;
  private boolean closed;

  private record Pending(EncodedOps ops, CompletableFuture<@Nullable Void> stored) {}

  GroupCommit(String namespace, SegmentWriter writer) {
    this.namespace = namespace;
    this.writer = writer;
  }

  /** Returns when the operations are stored. An interrupt counts only before they are accepted. */
  void write(EncodedOps ops) {
    Pending pending = new Pending(ops, new CompletableFuture<>());
    accept(pending);
    try {
      pending.stored.join(); // not interruptible: the write lands whether its caller waits or not
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
      changed.signal();
      if (thread == null) {
        thread = Thread.ofPlatform().daemon().name("journal-writer").start(this::writeAll);
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

  /** Waits for writes, and takes all that are queued then; none when this is closed. */
  private List<Pending> take() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      List<Pending> batch = queue;
      queue = new ArrayList<>();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Pending> batch) {
    List<EncodedOps> parts = new ArrayList<>(batch.size());
    batch.forEach(pending -> parts.add(pending.ops));
    try {
      writer.write(parts);
      batch.forEach(pending -> pending.stored.complete(null));
    } catch (RuntimeException | Error e) {
      SheafException failure = unknownOutcome(e);
      batch.forEach(pending -> pending.stored.completeExceptionally(failure));
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
    Thread running;
    lock.lock();
    try {
      closed = true;
      queue.forEach(pending -> pending.stored.completeExceptionally(closed(namespace)));
      queue = new ArrayList<>();
      changed.signal();
      running = thread;
    } finally {
      lock.unlock();
    }
    if (running != null) {
      await(running);
    }
  }

  private static void await(Thread running) {
    boolean interrupted = false;
    while (running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  static SheafException closed(String namespace) {
    return new SheafException(
        ErrorKind.INVALID, "the journal of " + namespace + " is closed: nothing was written");
  }
}
