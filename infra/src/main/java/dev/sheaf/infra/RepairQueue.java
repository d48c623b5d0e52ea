package dev.sheaf.infra;

import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.sqs.DeadLetterQueue;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.sqs.QueueEncryption;
import software.constructs.Construct;

/**
 * The queue by which a cycle of repair asks for another invocation, and the one where such a
 * message ends after three receives. The schedule goes on with the cycle all the same.
 */
final class RepairQueue extends Construct {
  private static final int RECEIVES = 3;

  private final Queue queue;
  private final Queue deadLetters;

  /**
   * @param consumerTimeout of the function behind it
   */
  RepairQueue(Construct scope, Site site, Duration consumerTimeout) {
    super(scope, "Repairs");
    this.deadLetters =
        Queue.Builder.create(this, "DeadLetters")
            .queueName(site.resource("repairs-dead"))
            .encryption(QueueEncryption.SQS_MANAGED)
            .enforceSsl(true)
            .retentionPeriod(Duration.days(14))
            .build();
    this.queue =
        Queue.Builder.create(this, "Queue")
            .queueName(site.resource("repairs"))
            .encryption(QueueEncryption.SQS_MANAGED)
            .enforceSsl(true)
            .retentionPeriod(Duration.days(1))
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
