package dev.sheaf.repository.intake;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Puts objects into the store, a bounded number of them at a time and a bounded number of bytes.
 * Any thread may hand objects in; it waits while there is no room. What has been stored is proven
 * (see {@link Proof}).
 *
 * <p>After a failure no further PUT begins, and {@link #throwIfFailed} throws it.
 */
final class PutPool {
  private final ObjectStore store;
  private final int slotCount;
  private final int byteBudget;
  private final Semaphore slots;
  private final Semaphore bytes;
  private final Queue<ObjectRows.Stored> stored = new ConcurrentLinkedQueue<>();
  private final AtomicInteger storedCount = new AtomicInteger();
  private final AtomicLong storedBytes = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * @param slots PUTs in flight at most
   * @param byteBudget bytes in flight at most; an object that is larger travels alone
   */
  PutPool(ObjectStore store, int slots, int byteBudget) {
    this.store = store;
    this.slotCount = slots;
    this.byteBudget = byteBudget;
    this.slots = new Semaphore(slots);
    this.bytes = new Semaphore(byteBudget);
  }

  /**
   * Stores an object: content in memory on a thread of its own, a file, which is gone afterwards,
   * before this returns.
   *
   * @param condition {@code IF_ABSENT} for an object that nobody is known to have, else {@code
   *     ALWAYS}: a condition that fails would prove nothing
   */
  void put(RawObject object, ObjectStore.Condition condition) {
    int weight = (int) Math.min(byteBudget, object.content().size());
    bytes.acquireUninterruptibly(weight);
    slots.acquireUninterruptibly();
    Runnable task =
        () -> {
          try {
            if (failure.get() == null) {
              note(Proof.byPut(store, object, condition));
            }
          } catch (Throwable e) {
            fail(e);
          } finally {
            slots.release();
            bytes.release(weight);
          }
        };
    if (object.content() instanceof BytesContent) {
      Thread.ofVirtual().start(task);
    } else {
      task.run();
    }
  }

  private void note(ObjectRows.Stored object) {
    stored.add(object);
    storedCount.incrementAndGet();
    storedBytes.addAndGet(object.sizeBytes());
  }

  /** Notes a failure; of several the first counts. */
  void fail(Throwable cause) {
    failure.compareAndSet(null, cause);
  }

  /** Whether something has failed, so that nothing more need be prepared. */
  boolean hasFailed() {
    return failure.get() != null;
  }

  /** Throws what has failed, if anything has. */
  void throwIfFailed() {
    switch (failure.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e ->
          throw new SheafException(ErrorKind.UNAVAILABLE, "storing objects failed: " + e, e);
    }
  }

  /** Waits until nothing is in flight. */
  void await() {
    slots.acquireUninterruptibly(slotCount);
    slots.release(slotCount);
  }

  /** What has been stored so far, in order. */
  List<ObjectRows.Stored> stored() {
    return List.copyOf(stored);
  }

  /** Number of objects stored so far. */
  int storedCount() {
    return storedCount.get();
  }

  /** Bytes of objects stored so far. */
  long storedBytes() {
    return storedBytes.get();
  }
}
