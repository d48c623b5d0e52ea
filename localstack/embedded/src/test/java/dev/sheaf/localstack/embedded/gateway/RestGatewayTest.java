package dev.sheaf.localstack.embedded.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.localstack.embedded.lambda.LocalFunction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RestGatewayTest {
  private final BlockingQueue<APIGatewayProxyRequestEvent> events = new LinkedBlockingQueue<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private Function<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent> behaviour =
      event -> new APIGatewayProxyResponseEvent().withStatusCode(204);
  private RestGateway gateway;
  private LocalFunction function;

  @BeforeEach
  void start() throws IOException {
    function =
        LocalFunction.of(
            new LocalFunction.Settings("api", 512, Duration.ofSeconds(20), 4),
            APIGatewayProxyRequestEvent.class,
            APIGatewayProxyResponseEvent.class,
            () ->
                (event, context) -> {
                  events.add(event);
                  return behaviour.apply(event);
                },
            () -> "invocation",
            System::nanoTime);
    serve(RestGateway.BINARY_TYPES);
  }

  private void serve(Set<String> binaryTypes) throws IOException {
    gateway =
        RestGateway.bind(
            0,
            new RestGateway.Settings(
                binaryTypes, Duration.ofSeconds(2), InstantSource.system(), () -> "request"));
    gateway.serve(function);
  }

  @AfterEach
  void stop() throws IOException {
    http.close();
    gateway.close();
    function.close();
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(gateway.endpoint() + path));
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  void aRequestBecomesAProxyEvent() throws Exception {
    send(
        to("/me/r%C3%A9po/tree?path=a%20b&path=c%2Fd&flag")
            .header("X-Twice", "1")
            .header("X-Twice", "2")
            .header("Content-Type", "application/json")
            .method("POST", HttpRequest.BodyPublishers.ofString("{\"ä\":1}")));
    var event = events.take();
    assertThat(event.getHttpMethod()).isEqualTo("POST");
    assertThat(event.getResource()).isEqualTo("/{proxy+}");
    assertThat(event.getPath()).isEqualTo("/me/r%C3%A9po/tree");
    assertThat(event.getPathParameters()).isEqualTo(Map.of("proxy", "me/répo/tree"));
    assertThat(event.getQueryStringParameters()).isEqualTo(Map.of("path", "c/d", "flag", ""));
    assertThat(event.getMultiValueQueryStringParameters())
        .isEqualTo(Map.of("path", List.of("a b", "c/d"), "flag", List.of("")));
    assertThat(event.getHeaders()).containsEntry("X-Twice", "2");
    assertThat(event.getMultiValueHeaders()).containsEntry("X-Twice", List.of("1", "2"));
    assertThat(new String(Base64.getDecoder().decode(event.getBody()), UTF_8))
        .isEqualTo("{\"ä\":1}");
    assertThat(event.getIsBase64Encoded()).isTrue();
    assertThat(event.getRequestContext().getRequestId()).isEqualTo("request");
    assertThat(event.getRequestContext().getIdentity().getSourceIp()).isEqualTo("127.0.0.1");
  }

  @Test
  void theRootHasNoProxyParameter() throws Exception {
    send(to("/"));
    var event = events.take();
    assertThat(event.getResource()).isEqualTo("/");
    assertThat(event.getPathParameters()).isNull();
    assertThat(event.getBody()).isNull();
  }

  @Test
  void bytesArriveAsBytesWhateverTheClientAccepts() throws Exception {
    byte[] bytes = {0, (byte) 0xFF, 10, 13};
    String base64 = Base64.getEncoder().encodeToString(bytes);
    answerBytes(base64, "application/octet-stream");
    assertThat(send(to("/x")).body())
        .as("no Accept at all, as msgpack clients may")
        .isEqualTo(bytes);
    for (String accept : List.of("*/*", "application/json", "text/html, */*;q=0.8")) {
      assertThat(send(to("/x").header("Accept", accept)).body()).as(accept).isEqualTo(bytes);
    }
    behaviour =
        event -> new APIGatewayProxyResponseEvent().withStatusCode(200).withBody("{\"ä\":1}");
    assertThat(text(send(to("/x")))).as("text stays text").isEqualTo("200 {\"ä\":1}");
  }

  private void answerBytes(String base64, String type) {
    behaviour =
        event ->
            new APIGatewayProxyResponseEvent()
                .withStatusCode(200)
                .withHeaders(Map.of("Content-Type", type))
                .withBody(base64)
                .withIsBase64Encoded(true);
  }

  @Test
  void withLiteralTypesTheFirstAcceptedTypeDecides() throws Exception {
    gateway.close();
    serve(Set.of("application/octet-stream", "application/x-msgpack"));
    byte[] bytes = {0, (byte) 0xFF, 10, 13};
    String base64 = Base64.getEncoder().encodeToString(bytes);
    answerBytes(base64, "application/x-msgpack");
    var post = HttpRequest.BodyPublishers.ofByteArray(bytes);
    var answer =
        send(
            to("/x")
                .POST(post)
                .header("Content-Type", "application/x-msgpack; v=1")
                .header("Accept", "application/x-msgpack, application/json"));
    assertThat(answer.body()).isEqualTo(bytes);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/x-msgpack");
    var event = events.take();
    assertThat(event.getIsBase64Encoded()).isTrue();
    assertThat(event.getBody()).isEqualTo(base64);

    var undecoded = send(to("/x").header("Accept", "application/json, application/x-msgpack"));
    assertThat(new String(undecoded.body(), UTF_8)).isEqualTo(base64);
    assertThat(new String(send(to("/x")).body(), UTF_8)).as("no Accept").isEqualTo(base64);
  }

  @Test
  void headersOfTheAnswerArriveSaveThoseTheGatewayKeeps() throws Exception {
    behaviour =
        event ->
            new APIGatewayProxyResponseEvent()
                .withStatusCode(401)
                .withHeaders(Map.of("ETag", "\"x\"", "WWW-Authenticate", "Bearer"))
                .withMultiValueHeaders(Map.of("Set-Cookie", List.of("a=1", "b=2")))
                .withBody("{}");
    var answer = send(to("/x"));
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("etag")).hasValue("\"x\"");
    assertThat(answer.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
    assertThat(answer.headers().firstValue("www-authenticate")).isEmpty();
    assertThat(answer.headers().firstValue("x-amzn-remapped-www-authenticate")).hasValue("Bearer");
  }

  @Test
  void whatAFunctionDoesWrongIsABadGateway() throws Exception {
    behaviour =
        event -> {
          throw new IllegalStateException("broken");
        };
    assertThat(text(send(to("/x")))).isEqualTo("502 {\"message\":\"Internal server error\"}");
    behaviour = event -> new APIGatewayProxyResponseEvent();
    assertThat(send(to("/x")).statusCode()).as("no status").isEqualTo(502);
    behaviour =
        event ->
            new APIGatewayProxyResponseEvent()
                .withStatusCode(200)
                .withBody("x".repeat(LocalFunction.PAYLOAD_BYTES));
    assertThat(send(to("/x")).statusCode()).as("more than 6 MB").isEqualTo(502);
  }

  @Test
  void losesPatience() throws Exception {
    behaviour =
        event -> {
          try {
            Thread.sleep(15_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new APIGatewayProxyResponseEvent().withStatusCode(200);
        };
    assertThat(text(send(to("/x")))).isEqualTo("504 {\"message\":\"Endpoint request timed out\"}");
  }

  @Test
  void refusesLargeRequests() throws Exception {
    var tooMuchForTheGateway = HttpRequest.BodyPublishers.ofByteArray(new byte[11 << 20]);
    var tooMuchForTheFunction = HttpRequest.BodyPublishers.ofByteArray(new byte[5 << 20]);
    assertThat(
            send(to("/x")
                    .POST(tooMuchForTheFunction)
                    .header("Content-Type", "application/octet-stream"))
                .statusCode())
        .as("6.6 MB as base64")
        .isEqualTo(413);
    try {
      assertThat(send(to("/x").POST(tooMuchForTheGateway)).statusCode()).isEqualTo(413);
    } catch (IOException connectionClosedWhileSending) {
      // as good as the answer
    }
    assertThat(events).isEmpty();
  }

  // ---- clients that do not finish their requests

  private static final String POST = "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\n";

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.endpoint().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
  }

  /** All that comes until the gateway closes the connection. */
  private static String readToTheEnd(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), UTF_8);
  }

  /** Sends a byte now and then until the gateway closes the connection; returns what it said. */
  private static String trickle(Socket socket) throws Exception {
    try {
      for (int i = 0; i < 200 && socket.getInputStream().available() == 0; i++) {
        write(socket, "x");
        Thread.sleep(50);
      }
    } catch (IOException closed) {
      return "";
    }
    try {
      return readToTheEnd(socket);
    } catch (SocketException reset) {
      return "";
    }
  }

  @Test
  void aBodyThatStallsIsATimeout() throws Exception {
    try (Socket socket = connect()) {
      write(socket, POST + "Content-Length: 100\r\n\r\nbegin");
      assertThat(readToTheEnd(socket))
          .startsWith("HTTP/1.1 408 ")
          .contains("{\"message\":\"Request body took too long\"}");
    }
    assertThat(events).isEmpty();
  }

  @Test
  void aBodyThatTricklesIsATimeoutToo() throws Exception {
    try (Socket socket = connect()) {
      write(socket, POST + "Content-Length: 100000\r\n\r\n");
      assertThat(trickle(socket)).startsWith("HTTP/1.1 408 ");
    }
    assertThat(events).isEmpty();
  }

  @Test
  void aHeadThatTricklesEndsTheConnection() throws Exception {
    try (Socket socket = connect()) {
      write(socket, "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
      long begin = System.nanoTime();
      trickle(socket);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(9));
    }
    assertThat(events).isEmpty();
  }

  @Test
  void anAbsurdLengthIsRefusedBeforeAnyByteOfIt() throws Exception {
    for (String length : List.of("10485761", "9000000000000000000")) {
      try (Socket socket = connect()) {
        write(socket, POST + "Content-Length: " + length + "\r\n\r\n");
        assertThat(readToTheEnd(socket)).as(length).startsWith("HTTP/1.1 413 ");
      }
    }
    try (Socket socket = connect()) {
      write(socket, POST + "Content-Length: 99999999999999999999999999\r\n\r\n");
      assertThat(readToTheEnd(socket)).startsWith("HTTP/1.1 4");
    }
    assertThat(events).isEmpty();
  }

  @Test
  void manyStalledRequestsKeepNobodyWaiting() throws Exception {
    List<Socket> stalled = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = connect();
        stalled.add(socket);
        write(socket, POST + "Content-Length: 1000000\r\n\r\nbegin");
      }
      assertThat(send(to("/quick")).statusCode()).isEqualTo(204);
      for (Socket socket : stalled) {
        assertThat(readToTheEnd(socket)).startsWith("HTTP/1.1 408 ");
      }
    } finally {
      for (Socket socket : stalled) {
        socket.close();
      }
    }
  }

  @Test
  void pagesOfOtherSitesAndOtherNamesAreTurnedAway() throws Exception {
    for (String headers :
        List.of("Host: evil.example\r\n", "Host: 127.0.0.1\r\nOrigin: https://evil.example\r\n")) {
      try (Socket socket = connect()) {
        write(socket, "GET /x HTTP/1.1\r\n" + headers + "\r\n");
        assertThat(readToTheEnd(socket)).containsPattern("^HTTP/1.1 4(21|03) ");
      }
    }
    assertThat(events).isEmpty();
    try (Socket socket = connect()) {
      write(
          socket,
          """
          GET /x HTTP/1.1\r
          Host: localhost:1\r
          Origin: http://localhost:3000\r
          Connection: close\r
          \r
          """);
      assertThat(readToTheEnd(socket)).startsWith("HTTP/1.1 204 ");
    }
  }

  @Test
  void refusesATakenPort() {
    int taken = gateway.endpoint().getPort();
    assertThatThrownBy(() ->
            RestGateway.bind(taken, RestGateway.Settings.aws(InstantSource.system(), () -> "id")))
        .isInstanceOf(java.net.BindException.class);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return answer.statusCode() + " " + new String(answer.body(), UTF_8);
  }
}
