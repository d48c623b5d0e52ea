package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.api.http.JsonDocuments;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the function answered, as a client behind the gateway would see it. */
record Answer(int status, Map<String, String> headers, String rawBody, boolean base64) {
  static Answer of(APIGatewayProxyResponseEvent event) {
    return new Answer(
        event.getStatusCode(), event.getHeaders(), event.getBody(), event.getIsBase64Encoded());
  }

  byte[] bytes() {
    return base64 ? Base64.getDecoder().decode(rawBody) : rawBody.getBytes(StandardCharsets.UTF_8);
  }

  /** The document, in whichever format it came. */
  Map<String, @Nullable Object> document() {
    try {
      return "application/x-msgpack".equals(headers.get("Content-Type"))
          ? Msgpack.decodeMap(bytes())
          : JsonDocuments.readMap(bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("not a document: " + rawBody, e);
    }
  }

  /** Fails, with the answer in the message, unless it has this status. */
  Answer expect(int expected) {
    assertThat(status).as(base64 ? "" : rawBody).isEqualTo(expected);
    return this;
  }

  /** Fails unless it is this error. */
  Answer expectError(int expected, String code) {
    expect(expected);
    assertThat(document()).containsEntry("error", code);
    assertThat(detail()).isNotEmpty();
    return this;
  }

  String detail() {
    return text("detail");
  }

  String text(String field) {
    return String.valueOf(document().get(field));
  }

  @SuppressWarnings("unchecked")
  Map<String, @Nullable Object> map(String field) {
    return (Map<String, @Nullable Object>) value(field);
  }

  @SuppressWarnings("unchecked")
  List<Map<String, @Nullable Object>> maps(String field) {
    return (List<Map<String, @Nullable Object>>) value(field);
  }

  private Object value(String field) {
    Object value = document().get(field);
    if (value == null) {
      throw new AssertionError("no field " + field + " in " + document());
    }
    return value;
  }

  String header(String name) {
    return headers.getOrDefault(name, "");
  }
}
