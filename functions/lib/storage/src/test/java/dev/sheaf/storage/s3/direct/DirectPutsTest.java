package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.ScriptedServer;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

@Timeout(60)
class DirectPutsTest {
  private static final ContentId ID = ContentId.parse("ab".repeat(32));
  private static final Optional<PutResult> WRITTEN = Optional.of(new PutResult.Written("\"e\""));
  private static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"));

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private ScriptedServer server;
  private DirectPuts puts;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    puts = puts(server.url().resolve("/bucket"), CREDENTIALS);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void takesTwoAnswersAndNoOther() {
    server.then(200, "ETag: \"e\"", "");
    assertThat(put("k", true)).isEqualTo(WRITTEN);
    server.then(412, "", "<Error/>");
    assertThat(put("k", true)).contains(new PutResult.ConditionFailed());
    server.then(200, "", "");
    assertThat(put("k", true)).as("no ETag").isEmpty();
    server.then(412, "", "");
    assertThat(put("k", false)).as("412 without a condition").isEmpty();
    for (int status : new int[] {204, 307, 400, 403, 409, 500, 503}) {
      server.then(status, "ETag: \"e\"", "");
      assertThat(put("k", true)).as("status " + status).isEmpty();
    }
  }

  @Test
  void survivesWhatIsNoAnswer() {
    for (String garbage :
        new String[] {
          ScriptedServer.HANG_UP,
          "HTTP/1.1 200",
          "HTTP/1.0 200 OK\r\nETag: \"e\"\r\n\r\n",
          "SSH-2.0-OpenSSH\r\n\r\n",
          "HTTP/1.1 abc X\r\n\r\n",
          "HTTP/1.1 200 X\r\nETag: \"e\"\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 X\r\nETag: \"" + "e".repeat(70_000) + "\"\r\n\r\n",
        }) {
      // Closing after it, else a half answer would be waited for.
      server.then(garbage.isEmpty() ? garbage : garbage + "Connection: close");
      assertThat(put("k", true)).as(garbage).isEmpty();
    }
  }

  @Test
  void skipsInterimAnswers() {
    server.then(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 X\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n");
    assertThat(put("k", true)).isEqualTo(WRITTEN);
  }

  @Test
  void encodesKeysAsTheyAreSigned() {
    server.then(200, "ETag: \"e\"", "");
    assertThat(put("a b/+ü%~_.-/\ud83d\ude00", true)).isEqualTo(WRITTEN);
    assertThat(server.requests().getFirst().line())
        .isEqualTo("PUT /bucket/a%20b/%2B%C3%BC%25~_.-/%F0%9F%98%80");
  }

  @Test
  void sendsSmallAndLargeBodiesWhole() {
    for (int size : new int[] {0, 1, 128 << 10, (128 << 10) + 1, 3_000_000}) {
      server.then(200, "ETag: \"e\"", "");
      assertThat(puts.put("k", new byte[size], ID, true, "a/b")).isEqualTo(WRITTEN);
      assertThat(server.requests().getLast().body()).hasSize(size);
    }
  }

  @Test
  void aKeptConnectionThatDiedIsReplacedOnce() {
    server.then(200, "ETag: \"e\"", "");
    assertThat(put("k", true)).isEqualTo(WRITTEN);
    server.then(ScriptedServer.HANG_UP).then(200, "ETag: \"e\"", "");
    assertThat(put("k", true)).isEqualTo(WRITTEN);
    assertThat(server.requests()).hasSize(3);

    server.then(ScriptedServer.HANG_UP).then(ScriptedServer.HANG_UP);
    assertThat(put("k", true)).isEmpty();
  }

  /** A frozen function that thaws finds its connection dead; a second attempt would be too late. */
  @Test
  void pastTheDeadlineADeadConnectionIsNotReplaced() {
    server.then(200, "ETag: \"e\"", "");
    assertThat(put("k", true)).isEqualTo(WRITTEN);
    server.then(ScriptedServer.HANG_UP);
    new Deadline(now.get(), now::get).run(() -> assertThat(put("k", true)).isEmpty());
    // The wait for an answer is over at once, perhaps before the server has read the request.
    assertThat(server.requests()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void connectionsAreKeptForAWhile() {
    for (int i = 0; i < 3; i++) {
      server.then(200, "ETag: \"e\"", "");
      put("k", true);
    }
    assertThat(server.connections()).isEqualTo(1);
    now.updateAndGet(before -> before.plusSeconds(6));
    server.then(200, "ETag: \"e\"", "");
    put("k", true);
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void aConnectionWhoseAnswerIsNotReadToItsEndIsNotKept() {
    server.then("HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    assertThat(put("k", true)).isEmpty();
    server.then(200, "ETag: \"e\"\r\nConnection: close", "");
    assertThat(put("k", true)).isEqualTo(WRITTEN);
    server.then(200, "ETag: \"e\"", "");
    assertThat(put("k", true)).isEqualTo(WRITTEN);
    assertThat(server.connections()).isEqualTo(3);
  }

  @Test
  void withoutCredentialsNothingIsSent() {
    AwsCredentialsProvider none =
        () -> {
          throw SdkClientException.create("no credentials");
        };
    URI url = server.url().resolve("/bucket");
    assertThat(puts(url, none).put("k", new byte[0], ID, true, "a/b")).isEmpty();
    assertThat(
            puts(url, AnonymousCredentialsProvider.create()).put("k", new byte[0], ID, true, "a/b"))
        .isEmpty();
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void noHeaderCanBeSmuggledIn() {
    assertThatThrownBy(() -> puts.put("k", new byte[0], ID, true, "a/b\r\nx: y"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Optional<PutResult> put(String key, boolean onlyIfAbsent) {
    return puts.put(key, new byte[] {1, 2, 3}, ID, onlyIfAbsent, "application/octet-stream");
  }

  private DirectPuts puts(URI bucket, AwsCredentialsProvider credentials) {
    return new DirectPuts(
        new Exchanges(
            bucket,
            "us-east-1",
            credentials,
            () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
            now::get));
  }
}
