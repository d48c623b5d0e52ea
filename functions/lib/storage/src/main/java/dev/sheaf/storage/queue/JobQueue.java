package dev.sheaf.storage.queue;

import java.time.Duration;

/**
 * The queue that starts a function. Delivery is at least once and in any order: a message is a hint
 * to look, never the only record of work.
 */
@FunctionalInterface
public interface JobQueue {
  /**
   * Sends a message.
   *
   * @param body text of at most 256 KiB in UTF-8
   * @throws dev.sheaf.bundle.SheafException of kind {@code UNAVAILABLE} when the queue does not
   *     answer, {@code FORBIDDEN} or {@code NOT_FOUND} when it will not
   */
  void send(String body);

  /**
   * Sends a message that is not delivered before a while has passed. A queue that cannot wait
   * delivers it at once.
   *
   * @param body as for {@link #send(String)}
   * @param delay at most 15 minutes; what is longer counts as that
   */
  default void send(String body, Duration delay) {
    send(body);
  }
}
