package dev.sheaf.api.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** Requests for tests of the shell. */
final class Requests {
  private Requests() {}

  static Request of(String method, String path) {
    return of(method, path, Map.of(), RequestBody.EMPTY);
  }

  static Request json(String path, String json) {
    return of("POST", path, Map.of("content-type", "application/json"), RequestBody.ofText(json));
  }

  static Request msgpack(String path, byte[] body) {
    return of(
        "POST",
        path,
        Map.of("Content-Type", "application/x-msgpack"),
        RequestBody.ofBase64(Base64.getEncoder().encodeToString(body)));
  }

  static Request of(String method, String path, Map<String, String> headers, RequestBody body) {
    return new Request(method, path, Map.of(), headers, body, "request-1", new LogLine());
  }

  static String text(Response response) throws java.io.IOException {
    try (var in = response.body().open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
