package dev.sheaf.localstack.embedded.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.localstack.embedded.lambda.LocalFunction;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
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
    gateway =
        RestGateway.bind(
            0,
            new RestGateway.Settings(
                RestGateway.BINARY_TYPES,
                Duration.ofMillis(700),
                InstantSource.system(),
                () -> "request"));
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
    assertThat(event.getBody()).isEqualTo("{\"ä\":1}");
    assertThat(event.getIsBase64Encoded()).isFalse();
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
  void bytesTravelAsBase64BothWaysWhereTheTypesSaySo() throws Exception {
    byte[] bytes = {0, (byte) 0xFF, 10, 13};
    String base64 = Base64.getEncoder().encodeToString(bytes);
    behaviour =
        event ->
            new APIGatewayProxyResponseEvent()
                .withStatusCode(200)
                .withHeaders(Map.of("Content-Type", "application/x-msgpack"))
                .withBody(base64)
                .withIsBase64Encoded(true);
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
    assertThat(new String(undecoded.body(), UTF_8))
        .as("the gateway looks at the first accepted type only")
        .isEqualTo(base64);
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
