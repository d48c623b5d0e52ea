package dev.sheaf.localstack.servers.sqs;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A standard queue: at least once, oldest first as far as visibility allows. A message that was
 * received is hidden until its visibility timeout has passed or its receiver deletes it; when it
 * was received too often already, the next receive moves it to the dead letters instead.
 */
final class MessageQueue {
  private static final AtomicLong SERIAL = new AtomicLong();

  private final String name;
  private final Clocks clocks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final TreeSet<Message> byVisibility = new TreeSet<>(Message.BY_VISIBILITY);
  private final Map<String, Message> byId = new HashMap<>();
  private QueueSettings settings;
  private boolean closed;

  /**
   * What a queue takes time and names from.
   *
   * @param ids unique names of messages and receipts
   */
  record Clocks(InstantSource wall, LongSupplier nanos, java.util.function.Supplier<String> ids) {}

  MessageQueue(String name, QueueSettings settings, Clocks clocks) {
    this.name = name;
    this.settings = settings;
    this.clocks = clocks;
  }

  /** What a receiver gets of a message. */
  record Delivery(
      String id,
      String handle,
      String body,
      long sentMillis,
      long firstReceivedMillis,
      int receives) {}

  /** How many messages can be received, are with receivers, and are not due yet. */
  record Counts(int visible, int inFlight, int delayed) {}

  String name() {
    return name;
  }

  QueueSettings settings() {
    lock.lock();
    try {
      return settings;
    } finally {
      lock.unlock();
    }
  }

  void set(QueueSettings other) {
    lock.lock();
    try {
      settings = other;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a message in.
   *
   * @param delay null for the queue's own
   * @return the message's id
   */
  String send(String body, @Nullable Duration delay) {
    String id = clocks.ids().get();
    add(new Message(id, body, clocks.wall().millis(), SERIAL.incrementAndGet(), 0), delay);
    return id;
  }

  private void add(Message message, @Nullable Duration delay) {
    lock.lock();
    try {
      Duration wait = delay == null ? settings.delay() : delay;
      message.showAt(now() + wait.toNanos());
      byVisibility.add(message);
      byId.put(message.id(), message);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands out messages, waiting for the first.
   *
   * @param visibility how long they stay hidden; null for the queue's own
   */
  List<Delivery> receive(int most, @Nullable Duration visibility, Duration wait)
      throws InterruptedException {
    List<Message> dead = new ArrayList<>();
    lock.lockInterruptibly();
    try {
      long deadline = now() + wait.toNanos();
      while (true) {
        List<Delivery> taken = take(most, visibility, dead);
        long left = deadline - now();
        if (!taken.isEmpty() || !dead.isEmpty() || left <= 0 || closed) {
          return taken;
        }
        changed.awaitNanos(untilNext(left));
      }
    } finally {
      lock.unlock();
      buryIn(settings().deadLetters(), dead);
    }
  }

  /** Until a message shows again by itself, if that is before the end of the wait. */
  private long untilNext(long left) {
    return byVisibility.isEmpty()
        ? left
        : Math.clamp(byVisibility.first().visibleAt() - now(), 1, left);
  }

  private List<Delivery> take(int most, @Nullable Duration visibility, List<Message> dead) {
    List<Delivery> taken = new ArrayList<>();
    Duration hidden = visibility == null ? settings.visibility() : visibility;
    long begin = now();
    while (taken.size() < most
        && !byVisibility.isEmpty()
        && byVisibility.first().visibleAt() <= begin) {
      Message message = byVisibility.removeFirst();
      if (settings.deadLetters() != null && message.receives() >= settings.maxReceives()) {
        byId.remove(message.id());
        dead.add(message);
        continue;
      }
      String handle = message.id() + "/" + clocks.ids().get();
      // A timeout of zero leaves it to others, yet not to this very receive.
      message.receive(handle, clocks.wall().millis(), begin + Math.max(1, hidden.toNanos()));
      byVisibility.add(message);
      taken.add(delivery(message, handle));
    }
    return taken;
  }

  private static Delivery delivery(Message message, String handle) {
    return new Delivery(
        message.id(),
        handle,
        message.body(),
        message.sentMillis(),
        message.firstReceivedMillis(),
        message.receives());
  }

  private static void buryIn(@Nullable MessageQueue deadLetters, List<Message> dead) {
    if (deadLetters != null) {
      dead.forEach(message -> deadLetters.add(message, Duration.ZERO));
    }
  }

  /** Removes a message for good. An outdated receipt does nothing, and is no error. */
  void delete(String handle) throws SqsException {
    lock.lock();
    try {
      Message message = find(handle);
      if (message != null && handle.equals(message.handle())) {
        byVisibility.remove(message);
        byId.remove(message.id());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Hides a message, which must be with its receiver, for so long from now on. */
  void changeVisibility(String handle, Duration visibility) throws SqsException {
    lock.lock();
    try {
      Message message = find(handle);
      if (message == null || !handle.equals(message.handle()) || message.visibleAt() <= now()) {
        throw SqsException.invalid(
            "MessageNotInflight", "the message of this receipt handle is not in flight");
      }
      byVisibility.remove(message);
      message.showAt(now() + visibility.toNanos());
      byVisibility.add(message);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Message find(String handle) throws SqsException {
    int slash = handle.indexOf('/');
    if (slash < 0) {
      throw SqsException.invalid(
          "ReceiptHandleIsInvalid", "The input receipt handle \"" + handle + "\" is not valid.");
    }
    return byId.get(handle.substring(0, slash));
  }

  Counts counts() {
    lock.lock();
    try {
      long now = now();
      int visible = 0;
      int delayed = 0;
      for (Message message : byVisibility) {
        if (message.visibleAt() <= now) {
          visible++;
        } else if (message.receives() == 0) {
          delayed++;
        }
      }
      return new Counts(visible, byVisibility.size() - visible - delayed, delayed);
    } finally {
      lock.unlock();
    }
  }

  void purge() {
    lock.lock();
    try {
      byVisibility.clear();
      byId.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Ends all waits for messages. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long now() {
    return clocks.nanos().getAsLong();
  }

  /** For waits of whole seconds, as SQS counts them. */
  static Duration seconds(long seconds) {
    return Duration.ofNanos(TimeUnit.SECONDS.toNanos(seconds));
  }
}
