package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.http.Response;
import dev.sheaf.bundle.Content;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GatewayEventsTest {
  @Test
  void aSampleEventIsReadAsLambdaReadsIt() {
    Request request = GatewayEvents.request(GatewayEvent.sample("api-tree").toEvent());
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.path()).startsWith("/gabriel/v1-tiny/tree/sha256%3A8d5ab839");
    assertThat(request.query()).containsExactly(Map.entry("path", List.of("src")));
    assertThat(request.header("ACCEPT")).contains("application/json");
    assertThat(request.id()).isEqualTo("00000000-0000-4000-8000-000000000013");
    assertThat(request.body().length()).isZero();
  }

  @Test
  void binaryBodiesAreBase64() {
    Request request = GatewayEvents.request(GatewayEvent.sample("api-fetch").toEvent());
    assertThat(request.document(1_000).texts("want", 10)).hasSize(1);
  }

  @Test
  void whatTheGatewayLeavesOutIsEmpty() {
    APIGatewayProxyRequestEvent bare = new APIGatewayProxyRequestEvent().withHttpMethod("get");
    Request request = GatewayEvents.request(bare);
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.path()).isEqualTo("/");
    assertThat(request.headers()).isEmpty();
    assertThat(request.query()).isEmpty();
  }

  @Test
  void parametersWithoutValue() {
    Map<String, String> query = new HashMap<>();
    query.put("x", null);
    Request request =
        GatewayEvents.request(
            new APIGatewayProxyRequestEvent()
                .withHttpMethod("GET")
                .withQueryStringParameters(query));
    assertThat(request.queryText("x")).isEmpty();
  }

  @Test
  void aCustomDomainsBasePathIsNoPartOfTheRoute() {
    APIGatewayProxyRequestEvent event = GatewayEvent.sample("api-refs").toEvent();
    event.setPath("/sheaf" + event.getPath());
    assertThat(GatewayEvents.request(event).path()).isEqualTo("/gabriel/v1-tiny/refs");
  }

  @Test
  void answers() {
    byte[] bytes = {0, -1};
    APIGatewayProxyResponseEvent binary =
        GatewayEvents.answer(new Response(200, Map.of("A", "b"), Content.of(bytes), true));
    assertThat(binary.getIsBase64Encoded()).isTrue();
    assertThat(binary.getBody()).isEqualTo(Base64.getEncoder().encodeToString(bytes));
    assertThat(binary.getHeaders()).containsEntry("A", "b");
    APIGatewayProxyResponseEvent text =
        GatewayEvents.answer(new Response(404, Map.of(), Content.of("é".getBytes(UTF_8)), false));
    assertThat(text.getStatusCode()).isEqualTo(404);
    assertThat(text.getIsBase64Encoded()).isFalse();
    assertThat(text.getBody()).isEqualTo("é");
  }
}
