package dev.sheaf.storage.s3;

import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** How an S3 client has to be set for {@link S3ObjectStore}. */
public final class S3Settings {
  private static final int ATTEMPTS = 5;

  private S3Settings() {}

  /**
   * Applies all settings but those of a place: region, endpoint, credentials, HTTP client.
   *
   * @param pathStyle the bucket goes into the path instead of the host's name
   */
  public static void apply(S3ClientBuilder builder, boolean pathStyle) {
    builder
        .serviceConfiguration(configuration(pathStyle))
        // Checksums are ours to send (an object's id); none is computed besides.
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .overrideConfiguration(
            c -> c.retryStrategy(retries()).addExecutionInterceptor(new DeadlineGuard()));
  }

  /** The part of the settings that a presigner takes too. */
  public static S3Configuration configuration(boolean pathStyle) {
    return S3Configuration.builder()
        .pathStyleAccessEnabled(pathStyle)
        .chunkedEncodingEnabled(false)
        // Would cost every PUT a round trip before its body.
        .expectContinueEnabled(false)
        .build();
  }

  /**
   * Everything transient, also a write that raced another one. Repeating is harmless at S3; {@link
   * S3ObjectStore} sees to the one case in which it misleads.
   */
  private static RetryStrategy retries() {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(ATTEMPTS)
        .retryOnException(S3Settings::isWriteRace)
        .build();
  }

  private static boolean isWriteRace(Throwable e) {
    return e instanceof AwsServiceException service
        && service.statusCode() == 409
        && service.awsErrorDetails() != null
        && "ConditionalRequestConflict".equals(service.awsErrorDetails().errorCode());
  }
}
