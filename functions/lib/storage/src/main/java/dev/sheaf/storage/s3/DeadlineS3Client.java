package dev.sheaf.storage.s3;

import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Request;

/**
 * Limits every request, all its attempts included, by what the calling thread's {@link Deadline}
 * leaves; see also {@link DeadlineGuard}. The body of an answer comes after the request is over:
 * {@link ObjectBody} sees to it.
 */
final class DeadlineS3Client extends DelegatingS3Client {
  DeadlineS3Client(S3Client s3) {
    super(s3);
  }

  @Override
  protected <T extends S3Request, R> R invokeOperation(T request, Function<T, R> operation) {
    Optional<Duration> left = Deadline.current().map(Deadline::remaining);
    return operation.apply(left.map(time -> limited(request, time)).orElse(request));
  }

  @SuppressWarnings("unchecked") // a request's builder builds such a request
  private static <T extends S3Request> T limited(T request, Duration left) {
    AwsRequest.Builder builder = request.toBuilder();
    builder.overrideConfiguration(
        request
            .overrideConfiguration()
            .map(AwsRequestOverrideConfiguration::toBuilder)
            .orElseGet(AwsRequestOverrideConfiguration::builder)
            .apiCallTimeout(left.isZero() ? Duration.ofMillis(1) : left)
            .build());
    return (T) builder.build();
  }
}
