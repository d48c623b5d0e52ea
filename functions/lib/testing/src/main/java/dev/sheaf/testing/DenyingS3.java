package dev.sheaf.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** An S3 that refuses every request, as it does for a role without rights. */
public final class DenyingS3 implements AutoCloseable {
  private static final byte[] DENIED =
      "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>".getBytes(UTF_8);

  private final HttpServer server;

  private DenyingS3(HttpServer server) {
    this.server = server;
  }

  /** Begins to refuse, on a loopback port of its own. */
  public static DenyingS3 start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            try (exchange) {
              exchange.getRequestBody().readAllBytes();
              boolean hasBody = !exchange.getRequestMethod().equals("HEAD");
              exchange.sendResponseHeaders(403, hasBody ? DENIED.length : -1);
              if (hasBody) {
                exchange.getResponseBody().write(DENIED);
              }
            }
          });
      server.start();
      return new DenyingS3(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The variables of a function whose bucket is here. */
  public Map<String, String> environment(String bucket) {
    return Map.of(
        "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + server.getAddress().getPort(),
        "AWS_REGION", "us-east-1",
        "AWS_ACCESS_KEY_ID", "key",
        "AWS_SECRET_ACCESS_KEY", "secret",
        "SHEAF_BUCKET", bucket);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
