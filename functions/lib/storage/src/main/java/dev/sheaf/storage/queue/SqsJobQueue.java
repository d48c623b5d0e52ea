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
  private static final Duration LONGEST_DELAY = Duration.ofMinutes(15);

  private final SqsClient sqs;
  private final String queueUrl;

  /** The client stays the caller's: it closes it. */
  public SqsJobQueue(SqsClient sqs, String queueUrl) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
  }

  @Override
  public void send(String body) {
    send(body, Duration.ZERO);
  }

  @Override
  public void send(String body, Duration delay) {
    int seconds = (int) Math.min(delay.toSeconds(), LONGEST_DELAY.toSeconds());
    try {
      sqs.sendMessage(r -> r.queueUrl(queueUrl).messageBody(body).delaySeconds(seconds));
    } catch (SdkException e) {
      ErrorKind kind = kind(e);
      throw new SheafException(
          kind,
          "sending a message to %s failed: %s; %s"
              .formatted(queueUrl, e.getMessage(), advice(kind)),
          e);
    }
  }

  private static String advice(ErrorKind kind) {
    return switch (kind) {
      case FORBIDDEN -> "allow the function's role sqs:SendMessage on it";
      case NOT_FOUND -> "check SHEAF_QUEUE_URL";
      default -> "try again later";
    };
  }

  private static ErrorKind kind(SdkException e) {
    if (e instanceof QueueDoesNotExistException) {
      return ErrorKind.NOT_FOUND;
    }
    boolean forbidden = e instanceof AwsServiceException service && service.statusCode() == 403;
    return forbidden ? ErrorKind.FORBIDDEN : ErrorKind.UNAVAILABLE;
  }
}
