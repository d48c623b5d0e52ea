package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Work on a thread of its own that is interrupted when its time is up, by a timer in this process
 * and by the {@link Deadline} on the wall clock, which counts the time a sandbox was frozen too.
 */
final class TimedCall {
  /** How long to wait for interrupted work to let go of its connection. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private TimedCall() {}

  /**
   * Does the work; when this returns or throws, it is over.
   *
   * @param started is given the thread, so that somebody else can interrupt it too
   * @throws SheafException of kind UNAVAILABLE when the time was up or the caller interrupted
   */
  static <T> T call(
      Duration limit, InstantSource clock, Consumer<Thread> started, Callable<T> work) {
    Deadline deadline = deadline(limit, clock);
    FutureTask<T> task = new FutureTask<>(() -> deadline.call(work));
    Thread thread = Thread.ofVirtual().name("journal-call").unstarted(task);
    started.accept(thread);
    thread.start();
    try {
      return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      abandon(thread);
      throw new SheafException(ErrorKind.UNAVAILABLE, "not done after " + limit, e);
    } catch (InterruptedException e) {
      abandon(thread);
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted while waiting", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    }
  }

  private static Deadline deadline(Duration limit, InstantSource clock) {
    Deadline own = new Deadline(clock.instant().plus(limit), clock);
    return Deadline.current().filter(outer -> outer.at().isBefore(own.at())).orElse(own);
  }

  private static void abandon(Thread thread) {
    thread.interrupt();
    try {
      thread.join(GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException failure(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException failure
        ? failure
        : new SheafException(ErrorKind.UNAVAILABLE, String.valueOf(cause.getMessage()), cause);
  }
}
