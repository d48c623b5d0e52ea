package dev.sheaf.localstack.servers.sqs;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a queue that matter here.
 *
 * @param visibility how long a received message stays hidden
 * @param delay before a sent message can be received
 * @param longPoll how long a receive waits that does not say it
 * @param deadLetters gets what was received too often; null for none
 * @param maxReceives as often a message is handed out before it goes there
 */
record QueueSettings(
    Duration visibility,
    Duration delay,
    Duration longPoll,
    @Nullable MessageQueue deadLetters,
    int maxReceives) {
  /** As SQS has them for a queue of which nothing is said. */
  static final QueueSettings DEFAULTS =
      new QueueSettings(Duration.ofSeconds(30), Duration.ZERO, Duration.ZERO, null, 0);
}
