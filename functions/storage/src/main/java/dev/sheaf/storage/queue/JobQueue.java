package dev.sheaf.storage.queue;

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
}
