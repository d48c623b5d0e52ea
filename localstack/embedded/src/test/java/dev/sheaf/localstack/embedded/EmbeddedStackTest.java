package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** The stack with functions that only note what reaches them. */
@Timeout(180)
class EmbeddedStackTest {
  @TempDir private Path folder;

  /** Keys of uploads in the order in which the index function was told of them. */
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

  /** How many messages came at once, each time. */
  private final List<Integer> batches = new CopyOnWriteArrayList<>();

  private final CountDownLatch gate = new CountDownLatch(1);

  private EmbeddedStack.Builder builder() {
    return EmbeddedStack.builder()
        .retryAfter(Duration.ofSeconds(1))
        .functions(
            environment -> indexFunction(),
            environment ->
                (event, context) ->
                    new APIGatewayProxyResponseEvent()
                        .withStatusCode(200)
                        .withBody(environment.get("SHEAF_SELF") + event.getPath()));
  }

  /** The function itself, on the stack's own bucket and catalog, called by the clock alone. */
  @Test
  void repairComesByItself() throws Exception {
    try (EmbeddedStack stack = builder().repairEvery(Duration.ofSeconds(1)).start()) {
      Catalog catalog = Site.from(stack.environment()).catalog();
      CatalogSchema.migrations().apply(catalog);
      Statement finished =
          Statement.of("select cursor_i from repair_trackers where finished_at is not null");
      while (catalog.execute(finished).size() < 2) {
        Thread.sleep(100); // the class's timeout ends it
      }
    }
  }

  /** Takes every upload but those whose key has "poison" in it; "once" fails the first time. */
  private RequestHandler<SQSEvent, SQSBatchResponse> indexFunction() {
    return (event, context) -> {
      List<SQSBatchResponse.BatchItemFailure> failures = new ArrayList<>();
      for (SQSEvent.SQSMessage message : event.getRecords()) {
        String key = key(message.getBody());
        if (key.isEmpty()) {
          continue; // A wake-up, which a stack sends at its start and every minute.
        }
        int attempt = attempts.merge(key, 1, Integer::sum);
        told.add(key);
        batches.add(event.getRecords().size());
        if (key.contains("gate")) {
          pass();
        }
        if (key.contains("crash")) {
          throw new IllegalStateException("out of memory, say");
        }
        if (key.contains("poison") || (key.contains("once") && attempt == 1)) {
          failures.add(new SQSBatchResponse.BatchItemFailure(message.getMessageId()));
        }
      }
      return new SQSBatchResponse(failures);
    };
  }

  private void pass() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String key(String body) {
    try {
      JsonNode event = new ObjectMapper().readTree(body);
      return event.has("Event")
          ? event.get("Event").asText()
          : event.at("/Records/0/s3/object/key").asText();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static S3Client s3(EmbeddedStack stack) {
    Map<String, String> environment = stack.environment();
    return S3Client.builder()
        .endpointOverride(URI.create(environment.get("AWS_ENDPOINT_URL_S3")))
        .region(Region.of(environment.get("AWS_REGION")))
        .credentialsProvider(credentials(environment))
        .forcePathStyle(true)
        .httpClientBuilder(Apache5HttpClient.builder())
        .build();
  }

  private static StaticCredentialsProvider credentials(Map<String, String> environment) {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(
            environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")));
  }

  private static void upload(S3Client s3, String key) {
    s3.putObject(p -> p.bucket(EmbeddedStack.BUCKET).key(key), RequestBody.fromString("x"));
  }

  private String next() throws InterruptedException {
    return told.poll(60, TimeUnit.SECONDS);
  }

  @Test
  void uploadsReachTheIndexFunction() throws Exception {
    try (EmbeddedStack stack = builder().start();
        S3Client s3 = s3(stack)) {
      assertThat(next()).as("as AWS does when the bucket is set up").isEqualTo("s3:TestEvent");
      upload(s3, "objects/aa/not-a-bundle");
      upload(s3, "bundles/me/a repo+ä/x");
      assertThat(next()).isEqualTo("bundles/me/a+repo%2B%C3%A4/x");
      assertThat(told).isEmpty();
    }
  }

  /** Ten messages wait when a worker becomes free, and one of them kills whoever takes it. */
  @Test
  void anUploadThatKillsItsWorkerTakesNoOtherWithIt() throws Exception {
    try (EmbeddedStack stack = builder().start();
        S3Client s3 = s3(stack)) {
      assertThat(next()).isEqualTo("s3:TestEvent");
      upload(s3, "bundles/me/r/gate-1");
      upload(s3, "bundles/me/r/gate-2");
      assertThat(List.of(next(), next())).allMatch(key -> key.contains("gate"));
      upload(s3, "bundles/mallory/r/crash");
      for (int i = 0; i < 9; i++) {
        upload(s3, "bundles/tenant-" + i + "/r/good");
      }
      gate.countDown();
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        all.add(next());
      }
      assertThat(all).filteredOn(key -> key.contains("crash")).hasSize(3);
      assertThat(all).filteredOn(key -> key.contains("tenant")).doesNotHaveDuplicates().hasSize(9);
      assertThat(batches).containsOnly(1);
    }
  }

  @Test
  void aFailedMessageComesBackAndAPoisonousOneIsGivenUpAfterThreeTimes() throws Exception {
    try (EmbeddedStack stack = builder().start();
        S3Client s3 = s3(stack);
        SqsClient sqs = sqs(stack)) {
      assertThat(next()).isEqualTo("s3:TestEvent");
      upload(s3, "bundles/me/r/once");
      upload(s3, "bundles/me/r/poison");
      upload(s3, "bundles/me/r/good");
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        all.add(next());
      }
      assertThat(all)
          .containsExactlyInAnyOrder(
              "bundles/me/r/once",
              "bundles/me/r/once",
              "bundles/me/r/poison",
              "bundles/me/r/poison",
              "bundles/me/r/poison",
              "bundles/me/r/good");
      List<Message> dead = List.of();
      while (dead.isEmpty()) {
        dead =
            sqs.receiveMessage(
                    r -> r.queueUrl(stack.queue().deadLetterUrl().toString()).waitTimeSeconds(1))
                .messages();
      }
      assertThat(dead).hasSize(1);
      assertThat(key(dead.getFirst().body())).isEqualTo("bundles/me/r/poison");
      assertThat(told).isEmpty();
    }
  }

  private static SqsClient sqs(EmbeddedStack stack) {
    return SqsClient.builder()
        .endpointOverride(stack.servers().sqs().endpoint())
        .region(Region.of("us-east-1"))
        .credentialsProvider(credentials(stack.environment()))
        .httpClientBuilder(Apache5HttpClient.builder())
        .build();
  }

  @Test
  void theApiAnswersAndKnowsItsOwnAddress() throws Exception {
    try (EmbeddedStack stack = builder().start()) {
      String answer = read(URI.create(stack.api() + "/some/path"));
      assertThat(answer).isEqualTo(stack.api() + "/some/path");
    }
  }

  private static String read(URI url) throws IOException {
    try (var in = url.toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void aKeptStackHasItsTokenAndAnnouncesAgainWhatItHadNotNoted() throws Exception {
    String noted = "a".repeat(64);
    String lost = "bundles/me/r/" + "b".repeat(64);
    String token;
    try (EmbeddedStack stack = builder().folder(folder).start();
        S3Client s3 = s3(stack)) {
      token = stack.token();
      assertThat(Files.readString(stack.tokensFile())).doesNotContain(token);
      upload(s3, "bundles/me/r/" + noted);
      upload(s3, lost);
      upload(s3, "packs/x");
      assertThat(List.of(next(), next(), next()))
          .containsExactlyInAnyOrder("s3:TestEvent", "bundles/me/r/" + noted, lost);
      note(stack, noted);
    }
    try (EmbeddedStack stack = builder().folder(folder).start()) {
      assertThat(stack.token()).isEqualTo(token);
      assertThat(List.of(next(), next())).containsExactlyInAnyOrder("s3:TestEvent", lost);
      assertThat(told).isEmpty();
    }
  }

  private static void note(EmbeddedStack stack, String bundle) {
    Catalog catalog = Site.from(stack.environment()).catalog();
    CatalogSchema.migrations().apply(catalog);
    catalog.execute(
        Statement.of(
            "insert into repos (repo_id, owner, name, created_at) values ('1', 'me', 'r', now())"));
    catalog.execute(
        Statement.of(
                """
                insert into bundles (repo_id, bundle, seq, size_bytes, state, registered_at)
                values ('1', :bundle, 1, 1, 'failed', now())
                """)
            .text("bundle", bundle));
  }

  @Test
  void refusesAFolderInUse() throws Exception {
    try (EmbeddedStack stack = builder().folder(folder).start()) {
      assertThatThrownBy(() -> builder().folder(folder).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use")
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      assertThat(read(URI.create(stack.api() + "/still"))).endsWith("/still");
    }
  }

  @Test
  void refusesAFolderOfSomebodyElse() throws Exception {
    Files.writeString(folder.resolve("letter.txt"), "mine");
    String before = permissions(folder);
    assertThatThrownBy(() -> builder().folder(folder).start())
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the folder "
                + folder
                + " holds other files: choose an empty one, or one that does not exist yet");
    assertThat(permissions(folder)).isEqualTo(before);
    assertThat(folder.resolve("letter.txt")).hasContent("mine");
    Path file = folder.resolve("letter.txt");
    assertThatThrownBy(() -> builder().folder(file).start())
        .hasMessage(file + " is a file: a stack needs a folder of its own");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void aKeptFolderIsItsOwnersAlone() throws Exception {
    Path data = folder.resolve("data with spaces");
    try (EmbeddedStack stack = builder().folder(data).start()) {
      assertThat(permissions(data)).isEqualTo("rwx------");
      for (String secret : List.of("token", "tokens.json", "secrets.json")) {
        assertThat(permissions(data.resolve(secret))).as(secret).isEqualTo("rw-------");
      }
      assertThat(read(URI.create(stack.api() + "/x"))).endsWith("/x");
    }
  }

  @Test
  void refusesATakenPort() throws Exception {
    try (EmbeddedStack stack = builder().start()) {
      int taken = stack.api().getPort();
      assertThatThrownBy(() -> builder().port(taken).start())
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("port " + taken + " is taken");
    }
  }

  @Test
  void nothingIsLeftOfATemporaryStack() throws Exception {
    Path tokens;
    try (EmbeddedStack stack = builder().start()) {
      tokens = stack.tokensFile();
      assertThat(tokens).exists();
    }
    assertThat(tokens.getParent()).doesNotExist();
  }
}
