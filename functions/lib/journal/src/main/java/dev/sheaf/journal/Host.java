package dev.sheaf.journal;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a journal asks of the process it runs in. No decision between replicas rests on any of it.
 *
 * @param clock the wall clock: deadlines, and the age of what is served
 * @param nanoTime a monotonic clock in nanoseconds
 * @param random for jitter
 * @param sleeper how to wait
 * @param ids names of new segments; one for the whole process
 */
public record Host(
    InstantSource clock,
    LongSupplier nanoTime,
    RandomGenerator random,
    Sleeper sleeper,
    SegmentIds ids) {
  /** Waits. */
  @FunctionalInterface
  public interface Sleeper {
    /** Returns when the time has passed. */
    void sleep(Duration time) throws InterruptedException;
  }
}
