package dev.sheaf.storage.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ScriptedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SiteTest {
  private final Map<String, String> environment =
      new HashMap<>(
          Map.of(
              "SHEAF_BUCKET", "b",
              "AWS_REGION", "eu-central-1",
              "AWS_ACCESS_KEY_ID", "key",
              "AWS_SECRET_ACCESS_KEY", "secret"));
  private ScriptedServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    environment.put("AWS_ENDPOINT_URL", server.url().toString());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void sendsMessagesToTheQueue() {
    environment.put("SHEAF_QUEUE_URL", server.url() + "/000000000000/q");
    server.then(
        200, "", "{\"MessageId\":\"m\",\"MD5OfMessageBody\":\"5d41402abc4b2a76b9719d911017c592\"}");
    Site.from(environment).queue().send("hello");
    assertThat(server.requests().getFirst().body()).contains("\"MessageBody\":\"hello\"");
  }

  /** Too early is too late: a message that finds nothing to do yet is gone. */
  @Test
  void delaysAreWholeSecondsRoundedUpAndFifteenMinutesAtMost() {
    environment.put("SHEAF_QUEUE_URL", server.url() + "/000000000000/q");
    Map<Duration, Integer> delays =
        Map.of(
            Duration.ZERO,
            0,
            Duration.ofMillis(-5),
            0,
            Duration.ofMillis(1),
            1,
            Duration.ofSeconds(20),
            20,
            Duration.ofMillis(20_001),
            21,
            Duration.ofHours(2),
            900);
    delays.forEach((delay, seconds) -> {
      server.then(
          200,
          "",
          "{\"MessageId\":\"m\",\"MD5OfMessageBody\":\"5d41402abc4b2a76b9719d911017c592\"}");
      Site.from(environment).queue().send("hello", delay);
      assertThat(server.requests().getLast().body())
          .as(delay.toString())
          .contains("\"DelaySeconds\":" + seconds);
    });
  }

  @Test
  void saysThatTheQueueIsGone() {
    environment.put("SHEAF_QUEUE_URL", server.url() + "/000000000000/q");
    server.then(
        400, "", "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"gone\"}");
    assertKind(ErrorKind.SITE, () -> Site.from(environment).queue().send("hello"));
  }

  @Test
  void readsSecretsFromFilesAndFromSecretsManager(@TempDir Path folder) throws IOException {
    Secrets secrets = Site.from(environment).secrets();
    Path file = Files.writeString(folder.resolve("tokens"), "from a file");
    assertThat(secrets.read("file:" + file)).isEqualTo("from a file");
    server.then(200, "", "{\"SecretString\":\"from AWS\"}");
    assertThat(secrets.read("arn:aws:secretsmanager:x")).isEqualTo("from AWS");
    assertThat(server.requests().getFirst().body()).contains("arn:aws:secretsmanager:x");
    assertKind(ErrorKind.UNAVAILABLE, () -> secrets.read("file:" + folder.resolve("none")));
  }

  @Test
  void aMissingRightIsNamed() {
    environment.put("SHEAF_QUEUE_URL", server.url() + "/000000000000/q");
    Site site = Site.from(environment);
    String denied = "{\"__type\":\"AccessDeniedException\",\"message\":\"not you\"}";
    server.then(400, "", denied).then(403, "", denied);
    assertThatThrownBy(() -> site.secrets().read("tokens"))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE))
        .hasMessageContainingAll("tokens", "not you", "secretsmanager:GetSecretValue");
    assertThatThrownBy(() -> site.queue().send("hello"))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE))
        .hasMessageEndingWith("allow the function's role sqs:SendMessage on it");
  }

  @Test
  void aFunctionIsToldWhichVariableItLacks() {
    Site site = Site.from(environment);
    assertThatThrownBy(site::catalog).hasMessageContaining("SHEAF_CATALOG_ARN");
    assertThatThrownBy(site::queue).hasMessageContaining("SHEAF_QUEUE_URL");
    environment.remove("AWS_REGION");
    assertThatThrownBy(() -> Site.from(environment)).hasMessageContaining("AWS_REGION");
  }

  @Test
  void anEndpointOfItsOwnGoesBeforeTheCommonOne() throws IOException {
    try (ScriptedServer own = new ScriptedServer()) {
      environment.put("AWS_ENDPOINT_URL_S3", own.url().toString());
      own.then(200, "", "");
      Site.from(environment).objects().requireBucket();
      assertThat(own.requests().getFirst().line()).isEqualTo("HEAD /b");
    }
  }

  @Test
  void anObjectPutUnderASessionCarriesItsToken() {
    environment.put("AWS_SESSION_TOKEN", "token");
    server.then(200, "ETag: \"e\"", "");
    ContentId hello =
        ContentId.parse("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    Site.from(environment)
        .objects()
        .put(
            "k",
            Content.of(new byte[] {'h', 'e', 'l', 'l', 'o'}),
            hello,
            Condition.IF_ABSENT,
            "a/b");
    assertThat(server.requests().getFirst().header("x-amz-security-token")).isEqualTo("token");
    assertThat(server.requests().getFirst().header("authorization"))
        .contains("/eu-central-1/s3/aws4_request")
        .contains("x-amz-security-token");
  }

  @Test
  void idsAreUniqueAndAscend() {
    String first = Machine.IDS.get();
    assertThat(Machine.IDS.get()).isGreaterThan(first).hasSize(36);
  }

  private static void assertKind(ErrorKind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
