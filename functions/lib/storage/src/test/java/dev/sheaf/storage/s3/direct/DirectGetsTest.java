package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ScriptedServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

@Timeout(60)
class DirectGetsTest {
  private static final String FACTS = "ETag: \"e\"\r\nLast-Modified: Sat, 04 Jul 2026 10:00:00 GMT";

  private ScriptedServer server;
  private DirectGets gets;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    gets = new DirectGets(exchanges(server.url().resolve("/bucket")));
  }

  private static Exchanges exchanges(URI bucket) {
    return new Exchanges(
        bucket,
        "us-east-1",
        StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")),
        () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
        () -> Instant.parse("2026-07-04T10:00:00Z"));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void readsASmallObjectAndItsFacts() throws IOException {
    for (String text : new String[] {"", "hello", "x".repeat(1 << 20)}) {
      server.then(200, FACTS, text);
      Download download = gets.get("a b", null).orElseThrow().download().orElseThrow();
      assertThat(new String(download.body().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(text);
      assertThat(download.notModified()).isFalse();
      assertThat(download.object().etag()).isEqualTo("\"e\"");
      assertThat(download.object().size()).isEqualTo(text.length());
      assertThat(download.object().lastModified()).isEqualTo(Instant.parse("2026-07-04T10:00:00Z"));
    }
    assertThat(server.requests().getLast().line()).isEqualTo("GET /bucket/a%20b");
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void takesNoOtherAnswer() {
    for (int status : new int[] {204, 206, 301, 403, 404, 500, 503}) {
      server.then(status, FACTS, "");
      assertThat(gets.get("k", null)).as("status " + status).isEmpty();
    }
    server.then(200, "ETag: \"e\"", "no stamp");
    assertThat(gets.get("k", null)).isEmpty();
    server.then(200, "ETag: \"e\"\r\nLast-Modified: yesterday", "");
    assertThat(gets.get("k", null)).isEmpty();
    server.then(304, "", "");
    assertThat(gets.get("k", "e")).as("no facts").isEmpty();
  }

  @Test
  void aBodyThatBreaksOffIsNoObject() {
    String half = "HTTP/1.1 200 X\r\n" + FACTS + "\r\nContent-Length: 9\r\nConnection: close";
    server.then(half + "\r\n\r\nhalf");
    assertThat(gets.get("k", null)).isEqualTo(Optional.empty());
    server.then(half.replace("Content-Length: 9", "Transfer-Encoding: chunked") + "\r\n\r\n4\r\n");
    assertThat(gets.get("k", null)).isEqualTo(Optional.empty());
  }

  /** Of a platform thread, which a plain socket would keep waiting. */
  @Test
  void anInterruptEndsTheWait() throws InterruptedException {
    server.then(ScriptedServer.SILENCE);
    AtomicReference<Optional<DirectGets.Settled>> got = new AtomicReference<>();
    Thread thread = Thread.ofPlatform().daemon().start(() -> got.set(gets.get("k", null)));
    while (server.requests().isEmpty()) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    thread.join();
    assertThat(got.get()).isEmpty();
  }

  @Test
  void aHostThatIsNotThereHasNoAnswer() {
    assertThat(
            new DirectGets(exchanges(URI.create("http://nowhere.invalid/bucket"))).get("k", null))
        .isEmpty();
  }
}
