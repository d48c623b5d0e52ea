package dev.sheaf.localstack.servers.sqs;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The queues of an account, by name. */
final class Queues {
  private static final String NAME = "[A-Za-z0-9_-]{1,80}";

  private final Map<String, MessageQueue> byName = new ConcurrentHashMap<>();
  private final MessageQueue.Clocks clocks;
  private final String arnPrefix;

  /**
   * @param arnPrefix what an ARN begins with, up to the queue's name
   */
  Queues(String arnPrefix, MessageQueue.Clocks clocks) {
    this.arnPrefix = arnPrefix;
    this.clocks = clocks;
  }

  /** Creates a queue; one that exists with the same settings is as good. */
  MessageQueue create(String name, QueueSettings settings) throws SqsException {
    if (!name.matches(NAME)) {
      throw SqsException.invalidParameter(
          "'" + name + "' is no name of a standard queue: letters, digits, '-' and '_', up to 80");
    }
    MessageQueue queue = byName.computeIfAbsent(name, n -> new MessageQueue(n, settings, clocks));
    if (!queue.settings().equals(settings)) {
      throw SqsException.invalid(
          "QueueNameExists", "A queue " + name + " exists already, with other attributes.");
    }
    return queue;
  }

  MessageQueue get(String name) throws SqsException {
    MessageQueue queue = byName.get(name);
    if (queue == null) {
      throw SqsException.noSuchQueue(name);
    }
    return queue;
  }

  /** The queue of an ARN, or of a URL, which ends in the account and the name. */
  MessageQueue byLastPart(String arnOrUrl) throws SqsException {
    String[] parts = arnOrUrl.split("[:/]", -1);
    return get(parts[parts.length - 1]);
  }

  void delete(MessageQueue queue) {
    byName.remove(queue.name(), queue);
    queue.close();
  }

  Collection<MessageQueue> all() {
    return byName.values();
  }

  String arn(MessageQueue queue) {
    return arnPrefix + queue.name();
  }
}
