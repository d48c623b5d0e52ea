package dev.sheaf.cli.process;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Adds up wall time by phase. */
public final class Stopwatch {
  private final LongSupplier nanoTime;
  private final Map<String, Long> phases = Collections.synchronizedMap(new LinkedHashMap<>());
  private final long start;

  /** A piece of work that may fail. */
  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    /** Does it. */
    T run() throws E;
  }

  /** Starts now. */
  public Stopwatch(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /** Does a piece of work and adds its time to a phase. */
  public <T, E extends Exception> T time(String phase, Work<T, E> work) throws E {
    long begin = nanoTime.getAsLong();
    try {
      return work.run();
    } finally {
      phases.merge(phase, nanoTime.getAsLong() - begin, Long::sum);
    }
  }

  /** Nanoseconds since the start. */
  public long nanos() {
    return nanoTime.getAsLong() - start;
  }

  /** Milliseconds by phase, in the order in which the phases came up, and {@code total}. */
  public Map<String, Long> millis() {
    Map<String, Long> millis = new LinkedHashMap<>();
    synchronized (phases) {
      phases.forEach((phase, time) -> millis.put(phase, time / 1_000_000));
    }
    millis.put("total", nanos() / 1_000_000);
    return millis;
  }
}
