package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer and its store over HTTP, honest and otherwise. */
class HttpBlobPeerTest {
  @TempDir private Path folder;

  private final List<String> requests = new ArrayList<>();
  private final byte[] content = new byte[20 << 20];
  private final ContentId id;

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  private int status = 307;
  private String kept = "true";
  private boolean changes;

  /** How many requests of the store one redirect is good for. */
  private int lifetime = Integer.MAX_VALUE;

  private int served;
  private int cutAt = Integer.MAX_VALUE;

  HttpBlobPeerTest() throws IOException {
    new Random(3).nextBytes(content);
    id = Ids.object(content);
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/internal/blobs/", this::point);
    server.createContext("/store/", this::store);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String site() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void point(HttpExchange exchange) throws IOException {
    served = 0;
    requests.add(
        exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Authorization"));
    exchange.getResponseHeaders().add("Location", site() + "/store/blob?signature=x");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Sheaf-Blob-Kind", "bundle");
      exchange.getResponseHeaders().add("Sheaf-Blob-Size", "20000000");
      exchange.getResponseHeaders().add("Sheaf-Blob-Kept", kept);
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private void store(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String match = exchange.getRequestHeaders().getFirst("If-Match");
    requests.add(
        range + " " + match + " " + exchange.getRequestHeaders().getFirst("Authorization"));
    int from = Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
    int to =
        Math.min(content.length, Integer.parseInt(range.substring(range.indexOf('-') + 1)) + 1);
    if (served++ >= lifetime) {
      exchange.sendResponseHeaders(403, -1);
    } else if (from > 0 && (changes || from >= cutAt)) {
      exchange.sendResponseHeaders(changes ? 412 : 503, -1);
    } else {
      exchange.getResponseHeaders().add("ETag", "\"one\"");
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, content.length));
      exchange.sendResponseHeaders(206, to - from);
      exchange.getResponseBody().write(content, from, to - from);
    }
    exchange.close();
  }

  private BlobPeer.Answer fetch() {
    HttpClient http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    return new HttpBlobPeer(http, site(), Optional.of("secret"), folder).fetch(id);
  }

  @Test
  void bytesComeInPiecesOfOneRevision() throws IOException {
    FileContent pulled = ((BlobPeer.Answer.Bytes) fetch()).content();
    assertThat(pulled.size()).isEqualTo(content.length);
    assertThat(Arrays.equals(Files.readAllBytes(pulled.path()), content)).isTrue();
    assertThat(requests)
        .containsExactly(
            "/internal/blobs/" + id.hex() + " Bearer secret",
            "bytes=0-8388607 null null",
            "bytes=8388608-16777215 \"one\" null",
            "bytes=16777216-25165823 \"one\" null");
  }

  /** Of a large thing on a slow line: it goes on where it was, with the same revision. */
  @Test
  void aUrlThatHasRunOutIsAskedForAgain() throws IOException {
    lifetime = 1;
    FileContent pulled = ((BlobPeer.Answer.Bytes) fetch()).content();
    assertThat(Arrays.equals(Files.readAllBytes(pulled.path()), content)).isTrue();
    assertThat(requests.stream().filter(request -> request.startsWith("/internal"))).hasSize(3);
    assertThat(requests.getLast()).isEqualTo("bytes=16777216-25165823 \"one\" null");
    lifetime = 0;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.NoAnswer("HTTP 403 of bytes from 0"));
  }

  @Test
  void whatItHasNotGotItSays() {
    status = 404;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.HasNot());
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 401, 403, 500, 502})
  void anythingElseIsNoAnswer(int other) {
    status = other;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.NoAnswer("HTTP " + other));
  }

  @Test
  void busyAndFullAreToldApart() {
    status = 503;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.Busy());
    status = 507;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.Full());
  }

  @Test
  void twoRevisionsAreNeverMixed() {
    changes = true;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.NoAnswer("HTTP 412 of bytes from 8388608"));
    assertThat(folder).as("nothing is left behind").isEmptyDirectory();
  }

  @Test
  void aPullThatBreaksOffLeavesNothing() {
    cutAt = 8 << 20;
    assertThat(fetch()).isInstanceOf(BlobPeer.Answer.NoAnswer.class);
    assertThat(folder).isEmptyDirectory();
  }

  private BlobPeer.Holding holds() {
    HttpClient http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    return new HttpBlobPeer(http, site(), Optional.of("secret"), folder).holds(id);
  }

  /** One HEAD, which moves no bytes. Whoever does not say that it keeps them does not. */
  @Test
  void saysWhatItHolds() {
    status = 200;
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.Has("bundle", 20_000_000, true));
    assertThat(requests).containsExactly("/internal/blobs/" + id.hex() + " Bearer secret");
    kept = "";
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.Has("bundle", 20_000_000, false));
    status = 404;
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.HasNot());
    status = 307;
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.NoAnswer("HTTP 307"));
    server.stop(0);
    assertThat(holds()).isInstanceOf(BlobPeer.Holding.Silent.class);
  }

  @Test
  void aPeerThatIsDownIsSilent() {
    server.stop(0);
    assertThat(fetch()).isInstanceOf(BlobPeer.Answer.Silent.class);
  }

  @Test
  void aRedirectDoesNotTakeTheTokenAlong() {
    HttpClient follows =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();
    assertThatThrownBy(() -> new HttpBlobPeer(follows, site(), Optional.empty(), folder))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
