package dev.sheaf.repository.intake;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Accounts the time of one thread to phases. A phase begun inside another one interrupts it, so no
 * moment counts twice and the phases together never exceed the time that has passed. What other
 * threads do meanwhile shows only where this one waits for them.
 */
public final class PhaseClock {
  private final LongSupplier ticker;
  private final long began;
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private @Nullable Phase current;
  private long since;

  /** Work with a result. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object, E extends Exception> {
    T run() throws E;
  }

  /** Work without one. */
  @FunctionalInterface
  public interface Action<E extends Exception> {
    void run() throws E;
  }

  /**
   * @param ticker a monotonic clock in nanoseconds
   */
  public PhaseClock(LongSupplier ticker) {
    this.ticker = ticker;
    this.began = ticker.getAsLong();
    this.since = began;
  }

  /** Runs work whose time belongs to a phase. */
  public <T extends @Nullable Object, E extends Exception> T in(Phase phase, Work<T, E> work)
      throws E {
    Phase outer = enter(phase);
    try {
      return work.run();
    } finally {
      enter(outer);
    }
  }

  /** Runs work whose time belongs to a phase. */
  public <E extends Exception> void during(Phase phase, Action<E> action) throws E {
    Phase outer = enter(phase);
    try {
      action.run();
    } finally {
      enter(outer);
    }
  }

  private @Nullable Phase enter(@Nullable Phase next) {
    long now = ticker.getAsLong();
    Phase ended = current;
    if (ended != null) {
      nanos.merge(ended, now - since, Long::sum);
    }
    current = next;
    since = now;
    return ended;
  }

  /** Time spent in a phase so far, in milliseconds. */
  public double millis(Phase phase) {
    return nanos.getOrDefault(phase, 0L) / 1e6;
  }

  /** Time since this clock was made, in milliseconds. */
  public double elapsedMillis() {
    return (ticker.getAsLong() - began) / 1e6;
  }
}
