package dev.sheaf.infra;

import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.sqs.DeadLetterQueue;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.sqs.QueueEncryption;
import software.constructs.Construct;

/** The queue of uploads to index, and the one where a message ends after three receives. */
final class UploadQueue extends Construct {
  private static final int RECEIVES = 3;

  private final Queue queue;
  private final Queue deadLetters;

  /**
   * @param consumerTimeout of the function behind it: a message stays hidden for some minutes
   *     longer, so that it comes back soon when an invocation has crashed. One that comes back
   *     while it is still at work finds its job running, and does no harm
   */
  UploadQueue(Construct scope, Site site, Duration consumerTimeout) {
    super(scope, "Uploads");
    this.deadLetters =
        Queue.Builder.create(this, "DeadLetters")
            .queueName(site.resource("uploads-dead"))
            .encryption(QueueEncryption.SQS_MANAGED)
            .enforceSsl(true)
            .retentionPeriod(Duration.days(14))
            .build();
    this.queue =
        Queue.Builder.create(this, "Queue")
            .queueName(site.resource("uploads"))
            .encryption(QueueEncryption.SQS_MANAGED)
            .enforceSsl(true)
            .retentionPeriod(Duration.days(14))
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
