package dev.sheaf.infra;

import java.util.Locale;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.sqs.DeadLetterQueue;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.sqs.QueueEncryption;
import software.constructs.Construct;

/** A queue of work for a function, and the one where a message ends after three receives. */
final class WorkQueue extends Construct {
  private static final int RECEIVES = 3;

  private final Queue queue;
  private final Queue deadLetters;

  /**
   * @param name of the construct; in lower case a part of the queues' names
   * @param kept how long work waits that nobody does
   * @param consumerTimeout of the function behind it: a message stays hidden for some minutes
   *     longer, so that it comes back soon when an invocation has crashed. One that comes back
   *     while it is still at work finds its job running, and does no harm
   */
  WorkQueue(Construct scope, String name, Site site, Duration kept, Duration consumerTimeout) {
    super(scope, name);
    String work = name.toLowerCase(Locale.ROOT);
    this.deadLetters =
        Queue.Builder.create(this, "DeadLetters")
            .queueName(site.resource(work + "-dead"))
            .encryption(QueueEncryption.SQS_MANAGED)
            .enforceSsl(true)
            .retentionPeriod(Duration.days(14))
            .build();
    this.queue =
        Queue.Builder.create(this, "Queue")
            .queueName(site.resource(work))
            .encryption(QueueEncryption.SQS_MANAGED)
            .enforceSsl(true)
            .retentionPeriod(kept)
            .visibilityTimeout(Duration.seconds(consumerTimeout.toSeconds().intValue() + 300))
            .deadLetterQueue(
                DeadLetterQueue.builder().queue(deadLetters).maxReceiveCount(RECEIVES).build())
            .build();
  }

  Queue queue() {
    return queue;
  }

  Queue deadLetters() {
    return deadLetters;
  }
}
