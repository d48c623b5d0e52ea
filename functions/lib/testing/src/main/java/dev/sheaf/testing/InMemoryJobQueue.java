package dev.sheaf.testing;

import dev.sheaf.storage.queue.JobQueue;
import java.util.ArrayList;
import java.util.List;

/** A queue that keeps what was sent. */
public final class InMemoryJobQueue implements JobQueue {
  private final List<String> messages = new ArrayList<>();

  @Override
  public synchronized void send(String body) {
    messages.add(body);
  }

  /** Takes every message off the queue, oldest first. */
  public synchronized List<String> drain() {
    List<String> drained = List.copyOf(messages);
    messages.clear();
    return drained;
  }
}
