package dev.sheaf.cli.rehearsal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.cli.http.AnswerFields;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in, on the loopback interface, for a site with one repository and its store: it believes
 * what it is told, and gives back the bundle that it was sent last. See api.md for the routes.
 */
public final class RehearsalSite implements AutoCloseable {
  private final HttpServer server;
  private String bundleKey = "";
  private byte[] bundle = new byte[0];
  private Map<String, String> heads = Map.of();

  private RehearsalSite(HttpServer server) {
    this.server = server;
  }

  /** Starts one, on a port that is free. */
  public static RehearsalSite start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    RehearsalSite site = new RehearsalSite(server);
    server.createContext("/", site::answer);
    server.start();
    return site;
  }

  private String root() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The URL of the repository. */
  public String url() {
    return root() + "/rehearsal/repository";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      byte[] answer =
          exchange.getRequestURI().getPath().equals("/bundle")
              ? store(exchange.getRequestMethod(), body)
              : document(exchange, body);
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private byte[] store(String method, byte[] body) {
    if (method.equals("GET")) {
      return bundle;
    }
    bundle = body;
    return new byte[0];
  }

  private byte[] document(HttpExchange exchange, byte[] body) {
    exchange.getResponseHeaders().set("Content-Type", "application/x-msgpack");
    Map<String, @Nullable Object> request = body.length == 0 ? Map.of() : Msgpack.decodeMap(body);
    String path = exchange.getRequestURI().getPath();
    return Msgpack.encode(route(path.substring(path.lastIndexOf('/') + 1), request));
  }

  private Map<String, ?> route(String route, Map<String, @Nullable Object> request) {
    return switch (route) {
      case "refs" -> Map.of("default_branch", "master", "branch_heads", heads);
      case "presign" -> {
        bundleKey = AnswerFields.text(request, "bundle_key");
        yield Map.of("url", root() + "/bundle", "headers", Map.of());
      }
      case "unpack-bundle" -> {
        heads = AnswerFields.textMap(request, "branch_heads");
        yield Map.of();
      }
      case "clone-plan" -> Map.of("bundles", List.of(storedBundle()));
      default -> throw new IllegalArgumentException("no route " + route);
    };
  }

  private Map<String, ?> storedBundle() {
    return Map.of("url", root() + "/bundle", "sha256", bundleKey, "size_bytes", bundle.length);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
