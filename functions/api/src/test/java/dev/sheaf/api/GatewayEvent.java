package dev.sheaf.api;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.sheaf.api.http.JsonDocuments;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as API Gateway sends them: those of the folder {@code events}, read by Lambda's own
 * serializer, with some parts replaced.
 */
final class GatewayEvent {
  static final Path FOLDER = Path.of("../../events");

  private final APIGatewayProxyRequestEvent event;

  private GatewayEvent(APIGatewayProxyRequestEvent event) {
    this.event = event;
  }

  /** The sample event of this name, without {@code .json}. */
  static GatewayEvent sample(String name) {
    try (InputStream in = Files.newInputStream(FOLDER.resolve(name + ".json"))) {
      return new GatewayEvent(
          LambdaEventSerializers.serializerFor(
                  APIGatewayProxyRequestEvent.class, GatewayEvent.class.getClassLoader())
              .fromJson(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request without body, token or query. */
  static GatewayEvent of(String method, String path) {
    GatewayEvent event = sample("api-health-check");
    event.event.setHttpMethod(method);
    return event.at(path);
  }

  GatewayEvent at(String path) {
    int query = path.indexOf('?');
    String plain = query < 0 ? path : path.substring(0, query);
    event.setPath(plain);
    event.setPathParameters(Map.of("proxy", plain.substring(1)));
    event.setMultiValueQueryStringParameters(null);
    Map<String, String> values = new HashMap<>();
    if (query >= 0) {
      for (String pair : path.substring(query + 1).split("&", -1)) {
        String[] parts = pair.split("=", 2);
        values.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
      event.setQueryStringParameters(values);
    }
    return this;
  }

  GatewayEvent header(String name, String value) {
    Map<String, String> headers = new HashMap<>(event.getHeaders());
    headers.put(name, value);
    return headers(headers);
  }

  /** Replaces the token; null takes it away. */
  GatewayEvent token(@Nullable String token) {
    Map<String, String> headers = new HashMap<>(event.getHeaders());
    headers.remove("Authorization");
    if (token != null) {
      headers.put("Authorization", "Bearer " + token);
    }
    return headers(headers);
  }

  /** The event's lists of the same headers are left out: they would say what the sample said. */
  private GatewayEvent headers(Map<String, String> headers) {
    event.setHeaders(headers);
    event.setMultiValueHeaders(null);
    return this;
  }

  GatewayEvent json(Map<String, ?> document) {
    return text(
        "application/json", new String(JsonDocuments.write(document), StandardCharsets.UTF_8));
  }

  GatewayEvent text(String contentType, String body) {
    event.setBody(body);
    event.setIsBase64Encoded(false);
    return header("Content-Type", contentType);
  }

  GatewayEvent msgpack(Map<String, ?> document) {
    return binary("application/x-msgpack", Msgpack.encode(document));
  }

  GatewayEvent binary(String contentType, byte[] body) {
    event.setBody(Base64.getEncoder().encodeToString(body));
    event.setIsBase64Encoded(true);
    return header("Content-Type", contentType).header("Accept", contentType);
  }

  APIGatewayProxyRequestEvent toEvent() {
    return event;
  }
}
