package dev.sheaf.storage;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The moment after which the requests of a piece of work are no longer to be sent.
 *
 * <p>A timer is not enough in a function: a sandbox may be frozen in the middle of a request and
 * thawed hours later, and a retry that starts then writes what nobody waits for any more. So an
 * {@link ObjectStore} that sends requests asks {@link #current()} on the wall clock before
 * <em>every</em> attempt, and gives up with {@code UNAVAILABLE} when the moment has passed.
 *
 * <pre>{@code
 * new Deadline(clock.instant().plusSeconds(15), clock).call(() -> store.put(...));
 * }</pre>
 */
public final class Deadline {
  private static final ScopedValue<Deadline> CURRENT = ScopedValue.newInstance();

  private final Instant at;
  private final InstantSource clock;

  /** A deadline that is read from this wall clock. */
  public Deadline(Instant at, InstantSource clock) {
    this.at = at;
    this.clock = clock;
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
    return ScopedValue.where(CURRENT, this).call(work::call);
  }

  /** Does the work in the calling thread, under this deadline. */
  public void run(Runnable work) {
    ScopedValue.where(CURRENT, this).run(work);
  }

  /** The moment itself. */
  public Instant at() {
    return at;
  }

  /** Whether nothing more is to be sent. */
  public boolean hasPassed() {
    return !clock.instant().isBefore(at);
  }

  /** The time that is left; zero when the moment has passed. */
  public Duration remaining() {
    Duration left = Duration.between(clock.instant(), at);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
