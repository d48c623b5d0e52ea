package dev.sheaf.storage.wiring;

import java.net.ConnectException;
import java.net.UnknownHostException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;

/** What is worth sending again. The only retry loop below the queue's. */
final class RetryPolicies {
  private static final int ATTEMPTS = 5;

  private RetryPolicies() {}

  /**
   * For S3: everything transient, also a write that raced another one. Repeating is harmless there;
   * {@code S3ObjectStore} sees to the one case in which it misleads.
   */
  static RetryStrategy s3() {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(ATTEMPTS)
        .retryOnException(RetryPolicies::isWriteRace)
        .build();
  }

  /** For the Data API: only what surely was not executed, else a statement might run twice. */
  static RetryStrategy catalog() {
    return DefaultRetryStrategy.standardStrategyBuilder()
        .useClientDefaults(false)
        .maxAttempts(ATTEMPTS)
        .treatAsThrottling(RetryPolicies::isThrottled)
        .retryOnException(e -> isThrottled(e) || isUnsent(e))
        .build();
  }

  private static boolean isWriteRace(Throwable e) {
    return e instanceof AwsServiceException service
        && service.statusCode() == 409
        && service.awsErrorDetails() != null
        && "ConditionalRequestConflict".equals(service.awsErrorDetails().errorCode());
  }

  private static boolean isThrottled(Throwable e) {
    return e instanceof SdkServiceException service
        && (service.isThrottlingException() || service.statusCode() == 503);
  }

  private static boolean isUnsent(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }
}
