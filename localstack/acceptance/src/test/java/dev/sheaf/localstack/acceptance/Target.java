package dev.sheaf.localstack.acceptance;

import dev.sheaf.localstack.embedded.EmbeddedStack;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenMint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The stack under test. That of {@code SHEAF_URL}, {@code SHEAF_TOKEN}, {@code SHEAF_BUCKET},
 * {@code SHEAF_QUEUE_URL} and {@code SHEAF_DEAD_LETTER_QUEUE_URL} if they are set (with AWS's own
 * variables for region, keys and endpoint); else, by the system property {@code
 * sheaf.acceptance.engine}, one on LocalStack or an embedded one.
 *
 * @param url base of the API, without a slash at the end
 * @param token opens everything
 * @param readToken {@code SHEAF_READ_TOKEN}: may read {@code acceptance/*}, and nothing else
 * @param foreignToken {@code SHEAF_FOREIGN_TOKEN}: may write {@code elsewhere/*}, and nothing else
 */
record Target(
    String url,
    String token,
    Optional<String> readToken,
    Optional<String> foreignToken,
    String bucket,
    String queueUrl,
    String deadLetterQueueUrl,
    S3Client s3,
    SqsClient sqs,
    AutoCloseable stack) {
  private static final String ENGINE = System.getProperty("sheaf.acceptance.engine", "embedded");

  private static @Nullable Target shared;

  /** One for the whole run. */
  static synchronized Target shared() {
    Target known = shared;
    if (known == null) {
      known = find(System.getenv());
      shared = known;
    }
    return known;
  }

  /** Ends the run: stops what was started for it. */
  static synchronized void stop() throws Exception {
    Target known = shared;
    if (known != null) {
      shared = null;
      known.s3.close();
      known.sqs.close();
      known.stack.close();
    }
  }

  /** The processes of the stack, if it is a local one. */
  Optional<List<ProcessHandle>> processes() {
    return switch (stack) {
      case EmbeddedStack _ -> Optional.of(withDescendants(ProcessHandle.current()));
      case DeployedStack deployed -> ProcessHandle.of(deployed.pid()).map(Target::withDescendants);
      default -> Optional.empty();
    };
  }

  /** The sites of the stack, if it has several; else none. */
  List<PeeredSite> peers() {
    return stack instanceof DeployedStack deployed && deployed.sites().size() > 1
        ? deployed.sites()
        : List.of();
  }

  private static List<ProcessHandle> withDescendants(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants()).toList();
  }

  /** Stores a bundle as any S3 client can; returns its key. */
  String upload(String repo, String name, byte[] bytes) {
    String key = "bundles/" + repo + "/" + name;
    s3.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromBytes(bytes));
    return key;
  }

  /** Waits until every message was handled. */
  void awaitEmptyQueue() throws InterruptedException {
    long deadline = System.nanoTime() + Api.PATIENCE.toNanos();
    while (waitingMessages() > 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited " + Api.PATIENCE + " for an empty queue " + queueUrl);
      }
      Thread.sleep(200);
    }
  }

  private int waitingMessages() {
    return sqs
        .getQueueAttributes(get ->
            get.queueUrl(queueUrl)
                .attributeNames(
                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }

  private static Target find(Map<String, String> environment) {
    try {
      if (environment.containsKey("SHEAF_URL")) {
        return of(environment, () -> {});
      }
      return ENGINE.equals("localstack") ? onLocalStack() : embedded();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the stack was starting", e);
    }
  }

  private static Target onLocalStack() throws IOException, InterruptedException {
    DeployedStack stack = DeployedStack.find();
    return of(stack.environment(), stack);
  }

  private static Target embedded() throws IOException {
    TokenMint mint = new TokenMint(new SecureRandom());
    var reader =
        mint.mint("reader", EnumSet.of(Scope.READ), List.of(RepoGlob.parse("acceptance/*")), null);
    var foreign =
        mint.mint("foreign", EnumSet.of(Scope.WRITE), List.of(RepoGlob.parse("elsewhere/*")), null);
    EmbeddedStack stack =
        EmbeddedStack.builder()
            .tokens(List.of(reader.entry(), foreign.entry()))
            .retryAfter(Duration.ofSeconds(1))
            .compactionEvery(Duration.ofSeconds(2))
            .start();
    Map<String, String> environment = new HashMap<>(stack.environment());
    environment.put("SHEAF_URL", stack.api().toString());
    environment.put("SHEAF_TOKEN", stack.token());
    environment.put("SHEAF_READ_TOKEN", reader.token());
    environment.put("SHEAF_FOREIGN_TOKEN", foreign.token());
    environment.put("SHEAF_DEAD_LETTER_QUEUE_URL", stack.queue().deadLetterUrl().toString());
    return of(environment, stack);
  }

  private static Target of(Map<String, String> environment, AutoCloseable stack) {
    return new Target(
        required(environment, "SHEAF_URL").replaceFirst("/$", ""),
        required(environment, "SHEAF_TOKEN"),
        Optional.ofNullable(environment.get("SHEAF_READ_TOKEN")),
        Optional.ofNullable(environment.get("SHEAF_FOREIGN_TOKEN")),
        required(environment, "SHEAF_BUCKET"),
        required(environment, "SHEAF_QUEUE_URL"),
        required(environment, "SHEAF_DEAD_LETTER_QUEUE_URL"),
        s3(environment),
        sqs(environment),
        stack);
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
