package dev.sheaf.localstack.servers.sqs;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** A message of a {@link MessageQueue}; whoever holds that queue's lock may touch it. */
final class Message {
  /** Those that can be received first come first, and among them the oldest. */
  static final Comparator<Message> BY_VISIBILITY =
      Comparator.<Message>comparingLong(message -> message.visibleAt)
          .thenComparingLong(message -> message.serial);

  private final String id;
  private final String body;
  private final long sentMillis;
  private final long serial;

  /** By the queue's monotonic clock. */
  private long visibleAt;

  private long firstReceivedMillis;
  private int receives;
  private @Nullable String handle;

  /**
   * @param serial grows with every message of a server
   */
  Message(String id, String body, long sentMillis, long serial, long visibleAt) {
    this.id = id;
    this.body = body;
    this.sentMillis = sentMillis;
    this.serial = serial;
    this.visibleAt = visibleAt;
  }

  /** Notes that somebody gets it, who deletes it by the handle. */
  void receive(String newHandle, long nowMillis, long invisibleUntil) {
    if (receives++ == 0) {
      firstReceivedMillis = nowMillis;
    }
    handle = newHandle;
    visibleAt = invisibleUntil;
  }

  void showAt(long nanos) {
    visibleAt = nanos;
  }

  String id() {
    return id;
  }

  String body() {
    return body;
  }

  long sentMillis() {
    return sentMillis;
  }

  long visibleAt() {
    return visibleAt;
  }

  int receives() {
    return receives;
  }

  long firstReceivedMillis() {
    return firstReceivedMillis;
  }

  /** Of the last receive. */
  @Nullable String handle() {
    return handle;
  }
}
