package dev.sheaf.storage;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The moment at which a piece of work is over, done or not.
 *
 * <p>An {@link ObjectStore} asks for {@link #current()} before every attempt, and limits every wait
 * for an answer by what is left of it; when the moment has passed it gives up with {@code
 * UNAVAILABLE}. So work needs no thread of its own to be cut off. The moment is read from the wall
 * clock, because a sandbox may be frozen in the middle of a request and thawed hours later, and a
 * retry that starts then writes what nobody waits for any more; {@link #in} watches a monotonic
 * clock too, which nobody sets back.
 *
 * <p>A deadline within another one never ends later than that.
 *
 * <pre>{@code
 * new Deadline(clock.instant().plusSeconds(15), clock).call(() -> store.put(...));
 * }</pre>
 */
public final class Deadline {
  private static final ScopedValue<Deadline> CURRENT = ScopedValue.newInstance();

  private final Instant at;
  private final InstantSource clock;
  private final LongSupplier nanosLeft;

  /** A deadline that is read from this wall clock. */
  public Deadline(Instant at, InstantSource clock) {
    this(at, clock, () -> Long.MAX_VALUE);
  }

  private Deadline(Instant at, InstantSource clock, LongSupplier nanosLeft) {
    this.at = at;
    this.clock = clock;
    this.nanosLeft = nanosLeft;
  }

  /**
   * A deadline after some time from now, by whichever clock shows that it has passed.
   *
   * @param limit less than 200 years
   * @param nanoTime a monotonic clock in nanoseconds
   */
  public static Deadline in(Duration limit, InstantSource clock, LongSupplier nanoTime) {
    long end = nanoTime.getAsLong() + limit.toNanos();
    return new Deadline(clock.instant().plus(limit), clock, () -> end - nanoTime.getAsLong());
  }

  /** The deadline of the work that the calling thread is in, if it has one. */
  public static Optional<Deadline> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /**
   * Whether the calling thread shall send nothing more: its deadline is past, or it was stopped.
   */
  public static boolean isOver() {
    return Thread.currentThread().isInterrupted()
        || current().filter(Deadline::hasPassed).isPresent();
  }

  /** Does the work in the calling thread, under this deadline. */
  public <T> T call(Callable<T> work) throws Exception {
    return ScopedValue.where(CURRENT, nearest()).call(work::call);
  }

  /** Does the work in the calling thread, under this deadline. */
  public void run(Runnable work) {
    ScopedValue.where(CURRENT, nearest()).run(work);
  }

  /** This one, or the one that it is within, whichever ends first. */
  private Deadline nearest() {
    return current().filter(outer -> outer.remaining().compareTo(remaining()) < 0).orElse(this);
  }

  /**
   * Runs something when the calling thread's deadline passes, unless that is closed before: for
   * waits that know no limit themselves. Without a deadline it never runs.
   *
   * @param action called from another thread; short
   */
  public static Cut cut(Runnable action) {
    return new Cut(
        current()
            .map(deadline ->
                Timer.SHARED.schedule(action, deadline.remaining().toNanos(), TimeUnit.NANOSECONDS))
            .orElse(null));
  }

  /** Something that runs at the end of a deadline; closed, it does not. */
  public static final class Cut implements AutoCloseable {
    private final @Nullable Future<?> planned;

    private Cut(@Nullable Future<?> planned) {
      this.planned = planned;
    }

    @Override
    public void close() {
      if (planned != null) {
        planned.cancel(false);
      }
    }
  }

  /** Made when the first cut is planned: most processes need none. */
  private static final class Timer {
    static final ScheduledThreadPoolExecutor SHARED =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("deadline").factory());

    static {
      SHARED.setRemoveOnCancelPolicy(true);
    }
  }

  /** The moment itself. */
  public Instant at() {
    return at;
  }

  /** Whether nothing more is to be sent. */
  public boolean hasPassed() {
    return remaining().isZero();
  }

  /** The time that is left; zero when the moment has passed. */
  public Duration remaining() {
    Duration left = Duration.between(clock.instant(), at);
    Duration ticking = Duration.ofNanos(nanosLeft.getAsLong());
    Duration least = ticking.compareTo(left) < 0 ? ticking : left;
    return least.isNegative() ? Duration.ZERO : least;
  }
}
