package dev.sheaf.testing;

import dev.sheaf.storage.queue.JobQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A queue that keeps what was sent, and how long each message was to wait. */
public final class InMemoryJobQueue implements JobQueue {
  private final List<Sent> messages = new ArrayList<>();

  /**
   * A message.
   *
   * @param delay as asked for by the sender
   */
  public record Sent(String body, Duration delay) {}

  @Override
  public synchronized void send(String body, Duration delay) {
    messages.add(new Sent(body, delay));
  }

  /** Takes every message off the queue, oldest first. */
  public List<String> drain() {
    return drainSent().stream().map(Sent::body).toList();
  }

  /** Takes every message off the queue, oldest first. */
  public synchronized List<Sent> drainSent() {
    List<Sent> drained = List.copyOf(messages);
    messages.clear();
    return drained;
  }
}
