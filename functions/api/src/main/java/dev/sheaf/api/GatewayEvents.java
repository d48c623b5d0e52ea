package dev.sheaf.api;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.api.http.LogLine;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.http.RequestBody;
import dev.sheaf.api.http.RequestPath;
import dev.sheaf.api.http.Response;
import dev.sheaf.bundle.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** API Gateway's REST proxy events as requests, and responses as its answers. */
final class GatewayEvents {
  private GatewayEvents() {}

  /** The request of an event. What the event leaves out (its maps are null when empty) is empty. */
  static Request request(APIGatewayProxyRequestEvent event) {
    Map<String, String> holes = orEmpty(event.getPathParameters());
    String path = event.getPath() == null ? "/" : event.getPath();
    String method = event.getHttpMethod() == null ? "" : event.getHttpMethod();
    return new Request(
        method.toUpperCase(Locale.ROOT),
        RequestPath.withoutBasePath(path, holes.get("proxy")),
        query(event),
        headers(event),
        body(event),
        requestId(event),
        new LogLine());
  }

  /** The answer of a response. */
  static APIGatewayProxyResponseEvent answer(Response response) {
    byte[] body = bytes(response.body());
    return new APIGatewayProxyResponseEvent()
        .withStatusCode(response.status())
        .withHeaders(response.headers())
        .withBody(
            response.binary()
                ? Base64.getEncoder().encodeToString(body)
                : new String(body, StandardCharsets.UTF_8))
        .withIsBase64Encoded(response.binary());
  }

  private static RequestBody body(APIGatewayProxyRequestEvent event) {
    if (event.getBody() == null) {
      return RequestBody.EMPTY;
    }
    return Boolean.TRUE.equals(event.getIsBase64Encoded())
        ? RequestBody.ofBase64(event.getBody())
        : RequestBody.ofText(event.getBody());
  }

  private static String requestId(APIGatewayProxyRequestEvent event) {
    var context = event.getRequestContext();
    return context == null || context.getRequestId() == null ? "none" : context.getRequestId();
  }

  /** All values of each parameter; an event without the lists has the last ones. */
  private static Map<String, List<String>> query(APIGatewayProxyRequestEvent event) {
    Map<String, List<String>> all = new HashMap<>();
    orEmpty(event.getQueryStringParameters())
        .forEach((name, value) -> all.put(name, List.of(value)));
    if (event.getMultiValueQueryStringParameters() != null) {
      event
          .getMultiValueQueryStringParameters()
          .forEach((name, values) -> all.put(name, present(values)));
    }
    return all;
  }

  /** The values of a header that comes several times, as the one list that they are. */
  private static Map<String, String> headers(APIGatewayProxyRequestEvent event) {
    Map<String, String> all = orEmpty(event.getHeaders());
    if (event.getMultiValueHeaders() != null) {
      event
          .getMultiValueHeaders()
          .forEach((name, values) -> all.put(name, String.join(", ", present(values))));
    }
    return all;
  }

  private static List<String> present(List<String> values) {
    if (values == null || values.isEmpty()) {
      return List.of("");
    }
    return values.stream().map(value -> value == null ? "" : value).toList();
  }

  /** Values of parameters without one (?x) are null in the event. */
  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    Map<String, String> filled = new HashMap<>();
    if (map != null) {
      map.forEach((name, value) -> filled.put(name, value == null ? "" : value));
    }
    return filled;
  }

  private static byte[] bytes(Content content) {
    try (InputStream in = content.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
