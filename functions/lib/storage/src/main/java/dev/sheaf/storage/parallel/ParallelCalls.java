package dev.sheaf.storage.parallel;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls at the same time, each on a virtual thread, at most a fixed number of them in flight.
 * Made for object PUTs: {@link #submit} blocks while all slots are taken, so that a fast producer
 * (a bundle being decoded) never holds more bodies in memory than there are slots.
 *
 * <pre>{@code
 * try (ParallelCalls<PutResult> puts = new ParallelCalls<>(100)) {
 *   for (...) {
 *     puts.submit(() -> store.put(...));
 *   }
 *   List<PutResult> results = puts.results();
 * }
 * }</pre>
 *
 * <p>The first call that fails interrupts all others; its exception comes out of the next {@link
 * #submit} or {@link #results}. {@link #close} interrupts whatever still runs and returns when
 * nothing does: no thread outlives the block, also when the submitting thread is interrupted. One
 * thread submits; each call is under the {@link Deadline} that it had when it did.
 *
 * @param <R> what a call returns
 */
public final class ParallelCalls<R extends @Nullable Object> implements AutoCloseable {
  private final int slots;
  private final Semaphore free;
  private final AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private List<Call> submitted = new ArrayList<>();

  /**
   * @param slots the greatest number of calls in flight, at least 1
   */
  public ParallelCalls(int slots) {
    if (slots < 1) {
      throw new IllegalArgumentException("slots must be at least 1, not " + slots);
    }
    this.slots = slots;
    this.free = new Semaphore(slots);
  }

  /**
   * Starts a call as soon as a slot is free.
   *
   * @throws SheafException of kind {@code UNAVAILABLE} when the thread is interrupted while it
   *     waits (its interrupt flag stays set); or whatever the first failed call threw
   */
  public void submit(Callable<R> body) {
    acquire(1);
    if (firstFailure.get() != null) {
      free.release();
      throwFirstFailure();
    }
    Call call = new Call(body);
    submitted.add(call);
    Thread thread = Thread.ofVirtual().unstarted(call);
    running.add(thread);
    thread.start();
  }

  /**
   * Waits for every call submitted since the last {@code results()}.
   *
   * @return their results in the order of submission
   * @throws SheafException as {@link #submit} does
   */
  public List<R> results() {
    acquire(slots);
    free.release(slots);
    throwFirstFailure();
    List<R> results = new ArrayList<>(submitted.size());
    for (Call call : submitted) {
      results.add(call.result());
    }
    submitted = new ArrayList<>();
    return results;
  }

  /** Interrupts the calls that still run and waits for their end. */
  @Override
  public void close() {
    interruptAll();
    free.acquireUninterruptibly(slots);
    free.release(slots);
  }

  private void acquire(int count) {
    try {
      free.acquire(count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "interrupted while waiting for calls to end; try again", e);
    }
  }

  private void throwFirstFailure() {
    switch (firstFailure.get()) {
      case null -> {}
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      case Throwable failure ->
          throw new SheafException(ErrorKind.UNAVAILABLE, "a parallel call failed", failure);
    }
  }

  private void fail(Throwable failure) {
    if (firstFailure.compareAndSet(null, failure)) {
      interruptAll();
    }
  }

  private void interruptAll() {
    running.forEach(Thread::interrupt);
  }

  /** One call, its thread's body and its result. */
  private final class Call implements Runnable {
    private final Optional<Deadline> deadline = Deadline.current();

    /** Let go of when it has run: it may hold the bytes of an object. */
    private @Nullable Callable<R> body;

    private @Nullable R result;

    Call(Callable<R> body) {
      this.body = body;
    }

    @Override
    public void run() {
      deadline.ifPresentOrElse(within -> within.run(this::call), this::call);
    }

    private void call() {
      try {
        if (body != null && firstFailure.get() == null) {
          result = body.call();
        }
      } catch (Throwable e) {
        fail(e);
      } finally {
        body = null;
        running.remove(Thread.currentThread());
        free.release();
      }
    }

    @SuppressWarnings("NullAway") // A call that returns null does so by the caller's type.
    R result() {
      return result;
    }
  }
}
