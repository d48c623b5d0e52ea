package dev.sheaf.cli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
  private final Transport transport = Transport.standard(waits::add);
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
    assertThat(post("12345").statusCode()).isEqualTo(200);
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
    assertThat(post("").statusCode()).isEqualTo(503);
    assertThat(answers).isEmpty();
  }

  @Test
  void whatIsTheCallersFaultIsNotRepeated() {
    answers.add(403);
    assertThat(post("").statusCode()).isEqualTo(403);
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

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/x");
  }

  private HttpResponse<byte[]> post(String body) {
    return post(uri(), body);
  }

  private HttpResponse<byte[]> post(URI uri, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    return transport.send("test", request, HttpResponse.BodyHandlers.ofByteArray());
  }
}
