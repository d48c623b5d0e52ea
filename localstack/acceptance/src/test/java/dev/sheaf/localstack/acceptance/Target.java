package dev.sheaf.localstack.acceptance;

import dev.sheaf.localstack.embedded.EmbeddedStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The stack under test: that of {@code SHEAF_URL}, {@code SHEAF_TOKEN}, {@code SHEAF_BUCKET} and
 * {@code SHEAF_QUEUE_URL} if they are set (with AWS's own variables for region, keys and endpoint),
 * else an embedded one.
 *
 * @param url base of the API, without a slash at the end
 * @param token opens everything
 */
record Target(
    String url, String token, String bucket, String queueUrl, S3Client s3, SqsClient sqs) {
  private static final Target SHARED = find(System.getenv());

  /** One for the whole run. */
  static Target shared() {
    return SHARED;
  }

  private static Target find(Map<String, String> environment) {
    return environment.containsKey("SHEAF_URL") ? of(environment) : embedded();
  }

  private static Target embedded() {
    try {
      EmbeddedStack stack = EmbeddedStack.builder().start();
      Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop the stack"));
      Map<String, String> environment = new java.util.HashMap<>(stack.environment());
      environment.put("SHEAF_URL", stack.api().toString());
      environment.put("SHEAF_TOKEN", stack.token());
      return of(environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Target of(Map<String, String> environment) {
    return new Target(
        required(environment, "SHEAF_URL").replaceFirst("/$", ""),
        required(environment, "SHEAF_TOKEN"),
        required(environment, "SHEAF_BUCKET"),
        required(environment, "SHEAF_QUEUE_URL"),
        s3(environment),
        sqs(environment));
  }

  private static S3Client s3(Map<String, String> environment) {
    var builder =
        S3Client.builder()
            .region(region(environment))
            .credentialsProvider(credentials(environment))
            .httpClientBuilder(Apache5HttpClient.builder());
    String endpoint = endpoint(environment, "AWS_ENDPOINT_URL_S3");
    if (!endpoint.isEmpty()) {
      builder.endpointOverride(URI.create(endpoint)).forcePathStyle(true);
    }
    return builder.build();
  }

  private static SqsClient sqs(Map<String, String> environment) {
    var builder =
        SqsClient.builder()
            .region(region(environment))
            .credentialsProvider(credentials(environment))
            .httpClientBuilder(Apache5HttpClient.builder());
    String endpoint = endpoint(environment, "AWS_ENDPOINT_URL_SQS");
    if (!endpoint.isEmpty()) {
      builder.endpointOverride(URI.create(endpoint));
    }
    return builder.build();
  }

  private static String endpoint(Map<String, String> environment, String name) {
    String general = environment.getOrDefault("AWS_ENDPOINT_URL", "");
    return Objects.requireNonNull(environment.getOrDefault(name, general));
  }

  private static Region region(Map<String, String> environment) {
    return Region.of(required(environment, "AWS_REGION"));
  }

  private static AwsCredentialsProvider credentials(Map<String, String> environment) {
    String key = environment.get("AWS_ACCESS_KEY_ID");
    String secret = environment.get("AWS_SECRET_ACCESS_KEY");
    return key == null || secret == null || environment.containsKey("AWS_SESSION_TOKEN")
        ? DefaultCredentialsProvider.builder().build()
        : StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret));
  }

  private static String required(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalStateException(name + " is not set; the acceptance suite needs it");
    }
    return value;
  }
}
