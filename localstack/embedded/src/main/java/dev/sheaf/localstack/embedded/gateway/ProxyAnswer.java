package dev.sheaf.localstack.embedded.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A function's answer as the gateway understands it.
 *
 * @param body the bytes to send
 */
record ProxyAnswer(int status, List<Header> headers, Body body) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** Headers that the gateway keeps for itself: a function's are sent on under another name. */
  private static final Set<String> REMAPPED =
      Set.of(
          "connection",
          "content-length",
          "content-md5",
          "date",
          "expect",
          "host",
          "max-forwards",
          "proxy-authenticate",
          "server",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "www-authenticate");

  record Header(String name, String value) {}

  /** Wraps bytes, which are not to be compared. */
  record Body(java.nio.ByteBuffer bytes) {}

  /**
   * Reads what a function returned.
   *
   * @param binaryAccepted whether the client gets base64 decoded
   * @throws IOException when it is no answer for a gateway, which is the client's 502
   */
  static ProxyAnswer parse(String json, boolean binaryAccepted) throws IOException {
    JsonNode answer = JSON.readTree(json);
    if (!answer.path("statusCode").isInt()) {
      throw new IOException("the function's answer has no statusCode");
    }
    String text = answer.path("body").asText("");
    boolean decode = answer.path("isBase64Encoded").asBoolean(false) && binaryAccepted;
    byte[] bytes;
    try {
      bytes = decode ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IOException("the function's body is not base64, and says it is", e);
    }
    return new ProxyAnswer(
        answer.get("statusCode").asInt(),
        headers(answer),
        new Body(java.nio.ByteBuffer.wrap(bytes)));
  }

  private static List<Header> headers(JsonNode answer) {
    List<Header> headers = new ArrayList<>();
    answer
        .path("multiValueHeaders")
        .properties()
        .forEach(entry -> entry.getValue().forEach(v -> headers.add(header(entry.getKey(), v))));
    JsonNode multi = answer.path("multiValueHeaders");
    answer.path("headers").properties().stream()
        .filter(entry -> !multi.has(entry.getKey()))
        .forEach(entry -> headers.add(header(entry.getKey(), entry.getValue())));
    return headers;
  }

  private static Header header(String name, JsonNode value) {
    boolean kept = REMAPPED.contains(name.toLowerCase(Locale.ROOT));
    return new Header(kept ? "x-amzn-Remapped-" + name : name, value.asText());
  }
}
