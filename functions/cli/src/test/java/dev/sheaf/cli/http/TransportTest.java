package dev.sheaf.cli.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransportTest {
  private final Deque<Integer> answers = new ArrayDeque<>();
  private final List<Duration> waits = new ArrayList<>();
  private final Transport transport = new Transport(waits::add);
  private final HttpServer server = listen();
  private String retryAfter = "";

  private static HttpServer listen() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void start() {
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          if (!retryAfter.isEmpty()) {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
          }
          exchange.sendResponseHeaders(answers.removeFirst(), -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void repeatsWhileTheServerIsBusyAndCountsEachAttempt() {
    answers.addAll(List.of(503, 429, 200));
    assertThat(post("12345").status()).isEqualTo(200);
    assertThat(waits).hasSize(2);
    assertThat(transport.traffic().counts()).containsEntry("test", new Traffic.Count(3, 15, 0));
  }

  @Test
  void waitsAsLongAsTheServerSaysButNotForever() {
    retryAfter = "7";
    answers.addAll(List.of(503, 200));
    post("");
    retryAfter = "9000";
    answers.addAll(List.of(503, 200));
    post("");
    assertThat(waits).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(20));
  }

  @Test
  void givesTheLastAnswerWhenTheServerStaysBusy() {
    for (int i = 0; i < Transport.ATTEMPTS; i++) {
      answers.add(503);
    }
    assertThat(post("").status()).isEqualTo(503);
    assertThat(answers).isEmpty();
  }

  @Test
  void whatIsTheCallersFaultIsNotRepeated() {
    answers.add(403);
    assertThat(post("").status()).isEqualTo(403);
    assertThat(waits).isEmpty();
  }

  @Test
  void aServerThatIsDownIsSaidAtOnce() {
    URI uri = uri();
    server.stop(0);
    assertThatThrownBy(() -> post(uri, ""))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining(uri.getAuthority());
    assertThat(waits).isEmpty();
  }

  @Test
  void aNameThatNobodyHasIsSaidAtOnce() {
    assertThatThrownBy(() -> post(URI.create("http://nobody.invalid/x"), ""))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("http://nobody.invalid cannot be reached");
    assertThat(waits).isEmpty();
  }

  @Test
  void anAnswerWithoutEndIsRefusedAtOnce() throws IOException {
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            byte[] piece = new byte[1 << 20];
            while (true) {
              out.write(piece);
            }
          }
        });
    assertThatThrownBy(() -> transport.send("test", Request.get(endless(), Duration.ofSeconds(9))))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE))
        .hasMessageContaining("more than 16777216 bytes")
        .hasMessageContaining("/endless");
    assertThat(waits).isEmpty();
  }

  private URI endless() {
    return uri().resolve("/endless");
  }

  @Test
  void aServerThatSaysNothingIsGivenUp() throws IOException {
    // It lets clients connect: the system does so for it.
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/x");
      assertThatThrownBy(() -> transport.send("test", Request.get(uri, Duration.ofMillis(20))))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("does not answer");
      assertThat(waits).hasSize(Transport.ATTEMPTS - 1);
    }
  }

  @Test
  void anAnswerThatEndsEarlyIsAskedForAgain() throws IOException {
    try (FakeStore store = new FakeStore()) {
      store.then("200 OK\r\nContent-Length: 4", "hal").thenWhole(200, "half");
      assertThat(post(store.uri(), "").body()).asString(UTF_8).isEqualTo("half");
      assertThat(waits).hasSize(1);
    }
  }

  @Test
  void aConnectionThatBreaksEachTimeIsSaid() throws IOException {
    try (FakeStore store = new FakeStore()) {
      for (int i = 0; i < Transport.ATTEMPTS; i++) {
        store.then("200 OK\r\nContent-Length: 4", "hal");
      }
      assertThatThrownBy(() -> post(store.uri(), ""))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("broke off the connection (Premature EOF)");
    }
  }

  @Test
  void theReasonOfARefusalIsKept() throws IOException {
    try (FakeStore store = new FakeStore()) {
      store.then("401 No\r\nWWW-Authenticate: Bearer\r\nContent-Length: 3", "why");
      assertThat(post(store.uri(), "body").body()).asString(UTF_8).isEqualTo("why");
    }
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/x");
  }

  private Answer post(String body) {
    return post(uri(), body);
  }

  private Answer post(URI uri, String body) {
    return transport.send("test", request(uri, body));
  }

  private static Request request(URI uri, String body) {
    return Request.post(uri, Content.of(body.getBytes(UTF_8)), Duration.ofSeconds(30));
  }
}
