package dev.sheaf.localstack.acceptance;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The queue of what was given up. As long as this is open, a message that failed comes back after
 * seconds: with the queue's own visibility timeout three receives take hours.
 */
final class DeadLetters implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String SECONDS = "5";

  private final Target target;
  private final String visibility;

  private DeadLetters(Target target, String visibility) {
    this.target = target;
    this.visibility = visibility;
  }

  static DeadLetters of(Target target) {
    String visibility =
        Objects.requireNonNull(
            target
                .sqs()
                .getQueueAttributes(get ->
                    get.queueUrl(target.queueUrl())
                        .attributeNames(QueueAttributeName.VISIBILITY_TIMEOUT))
                .attributes()
                .get(QueueAttributeName.VISIBILITY_TIMEOUT));
    DeadLetters letters = new DeadLetters(target, visibility);
    letters.setVisibility(SECONDS);
    return letters;
  }

  /** Waits for this message among others, takes it out of the queue and returns it. */
  String await(String body) {
    SqsClient sqs = target.sqs();
    String queue = target.deadLetterQueueUrl();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      for (Message message :
          sqs.receiveMessage(r ->
                  r.queueUrl(queue).maxNumberOfMessages(10).waitTimeSeconds(5).visibilityTimeout(1))
              .messages()) {
        if (message.body().equals(body)) {
          sqs.deleteMessage(d -> d.queueUrl(queue).receiptHandle(message.receiptHandle()));
          return message.body();
        }
      }
    }
    throw new AssertionError("waited " + PATIENCE + " for a dead letter: " + body);
  }

  @Override
  public void close() {
    setVisibility(visibility);
  }

  private void setVisibility(String seconds) {
    target
        .sqs()
        .setQueueAttributes(set ->
            set.queueUrl(target.queueUrl())
                .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, seconds)));
  }
}
