package dev.sheaf.storage.queue;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** {@link JobQueue} on SQS. */
public final class SqsJobQueue implements JobQueue {
  private final SqsClient sqs;
  private final String queueUrl;

  /** The client stays the caller's: it closes it. */
  public SqsJobQueue(SqsClient sqs, String queueUrl) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
  }

  @Override
  public void send(String body, Duration delay) {
    int seconds = seconds(delay);
    try {
      sqs.sendMessage(r -> r.queueUrl(queueUrl).messageBody(body).delaySeconds(seconds));
    } catch (SdkException e) {
      ErrorKind kind = kind(e);
      throw new SheafException(
          kind,
          "sending a message to %s failed: %s; %s".formatted(queueUrl, e.getMessage(), advice(e)),
          e);
    }
  }

  /** Rounded up: a message that comes too early finds nothing to do, and is gone. */
  private static int seconds(Duration delay) {
    if (delay.isNegative()) {
      return 0;
    }
    return (int) Math.min(delay.plusNanos(999_999_999).toSeconds(), LONGEST_DELAY.toSeconds());
  }

  private static String advice(SdkException e) {
    if (e instanceof QueueDoesNotExistException) {
      return "check the queue's URL in the function's configuration";
    }
    return isForbidden(e) ? "allow the function's role sqs:SendMessage on it" : "try again later";
  }

  private static ErrorKind kind(SdkException e) {
    return e instanceof QueueDoesNotExistException || isForbidden(e)
        ? ErrorKind.SITE
        : ErrorKind.UNAVAILABLE;
  }

  private static boolean isForbidden(SdkException e) {
    return e instanceof AwsServiceException service && service.statusCode() == 403;
  }
}
