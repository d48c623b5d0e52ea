package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A fan-out over a fixed number of threads, which inherit the caller's deadline.
 *
 * <p>Platform threads, because they do nothing but wait for a store: the kernel wakes one up as
 * soon as its answer is there, while a virtual one is woken up by another that is. Measured on two
 * cores, 10,000 GETs from a store in memory take a third less.
 */
record ThreadFanOut(int width) implements FanOut {
  @Override
  public <T> void forEach(List<T> elements, Consumer<T> work) {
    if (elements.size() <= 1) {
      elements.forEach(work);
      return;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    Optional<Deadline> deadline = Deadline.current();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(width, elements.size()); i++) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("journal-fetch-" + i)
              .start(() -> take(elements, next, failure, under(deadline, work))));
    }
    await(threads, failure);
  }

  private static <T> void take(
      List<T> elements,
      AtomicInteger next,
      AtomicReference<@Nullable RuntimeException> failure,
      Consumer<T> work) {
    for (int i = next.getAndIncrement();
        i < elements.size() && failure.get() == null;
        i = next.getAndIncrement()) {
      try {
        work.accept(elements.get(i));
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
      }
    }
  }

  private static <T> Consumer<T> under(Optional<Deadline> deadline, Consumer<T> work) {
    return deadline
        .map(limit -> (Consumer<T>) element -> limit.run(() -> work.accept(element)))
        .orElse(work);
  }

  private static void await(
      List<Thread> threads, AtomicReference<@Nullable RuntimeException> failure) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          failure.compareAndSet(
              null, new SheafException(ErrorKind.UNAVAILABLE, "interrupted while reading", e));
          threads.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    RuntimeException first = failure.get();
    if (first != null) {
      throw first;
    }
  }
}
