package dev.sheaf.storage.queue;

import java.time.Duration;

/**
 * A queue that starts a function. Delivery is at least once and in any order: a message is a hint
 * to look, never the only record of work.
 */
@FunctionalInterface
public interface JobQueue {
  /** SQS lets no message wait for longer. */
  Duration LONGEST_DELAY = Duration.ofMinutes(15);

  /**
   * Sends a message that is not delivered before a while has passed.
   *
   * @param body text of at most 256 KiB in UTF-8
   * @param delay begun seconds count as whole ones; what is longer than {@link #LONGEST_DELAY}
   *     counts as that
   * @throws dev.sheaf.bundle.SheafException of kind {@code UNAVAILABLE} when the queue does not
   *     answer, {@code SITE} when it will not
   */
  void send(String body, Duration delay);

  /** Sends a message that is delivered at once; otherwise as {@link #send(String, Duration)}. */
  default void send(String body) {
    send(body, Duration.ZERO);
  }
}
