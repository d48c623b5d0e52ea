package dev.sheaf.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Takes what the worker sends to its queue, and delivers none of it: tests do. */
final class TestQueue {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TestQueue SHARED = new TestQueue();

  private final HttpServer server;

  private TestQueue() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", TestQueue::answer);
    server.start();
  }

  static void addTo(Map<String, String> environment) {
    String url = "http://127.0.0.1:" + SHARED.server.getAddress().getPort();
    environment.put("AWS_ENDPOINT_URL_SQS", url);
    environment.put("SHEAF_QUEUE_URL", url + "/000000000000/q");
    environment.put("SHEAF_DEAD_LETTER_URL", url + "/000000000000/dead");
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      String md5 = md5(request.path("MessageBody").asText());
      byte[] body =
          JSON.writeValueAsBytes(Map.of("MessageId", "message-1", "MD5OfMessageBody", md5));
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String md5(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
