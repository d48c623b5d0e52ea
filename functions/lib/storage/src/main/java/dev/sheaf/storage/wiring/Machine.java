package dev.sheaf.storage.wiring;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.sheaf.storage.Sleeper;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** What this machine offers and tests replace: time, sleep, fresh ids. */
public final class Machine {
  /** The wall clock. */
  public static final InstantSource CLOCK = InstantSource.system();

  /** A monotonic clock in nanoseconds, for durations only. */
  public static final LongSupplier TICKER = System::nanoTime;

  /** Sleeps the calling thread. */
  public static final Sleeper SLEEPER = (Duration duration) -> Thread.sleep(duration);

  /**
   * UUIDs of version 7 in their text form: unique, and ascending within this process. None may be
   * drawn during a {@link Rehearsal}.
   */
  public static final Supplier<String> IDS = Machine::id;

  /** A generator of random bits; none may be asked for during a {@link Rehearsal}. */
  public static final Supplier<RandomGenerator> RANDOM = Machine::random;

  private Machine() {}

  private static RandomGenerator random() {
    Rehearsal.refuseRandomness();
    return new SecureRandom();
  }

  private static String id() {
    Rehearsal.refuseRandomness();
    return UuidCreator.getTimeOrderedEpochPlus1().toString();
  }
}
