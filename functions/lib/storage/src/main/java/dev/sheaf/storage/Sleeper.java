package dev.sheaf.storage;

import java.time.Duration;

/** Waits. The real one lives in the wiring; tests pass one that notes the time and returns. */
@FunctionalInterface
public interface Sleeper {
  /** Returns after this long. */
  void sleep(Duration duration) throws InterruptedException;
}
