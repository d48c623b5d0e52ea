package dev.sheaf.cli.rehearsal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.cli.http.AnswerFields;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in, on the loopback interface, for a site with one repository and its store: it believes
 * what it is told, and gives back the bundle that it was sent. See api.md for the routes.
 */
public final class RehearsalSite implements AutoCloseable {
  private static final String STORE = "/store/";

  private final HttpServer server;
  private final Map<String, byte[]> bundles = new LinkedHashMap<>();
  private final Map<String, Map<String, ?>> refs = new TreeMap<>();
  private Object head = Map.of();

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
      String path = exchange.getRequestURI().getPath();
      byte[] answer =
          path.startsWith(STORE)
              ? store(exchange.getRequestMethod(), path.substring(STORE.length()), body)
              : document(exchange, body);
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private byte[] store(String method, String key, byte[] body) {
    if (method.equals("GET")) {
      return bundles.getOrDefault(key, new byte[0]);
    }
    bundles.put(key, body);
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
      case "refs" -> Map.of("kind", "git", "head", head, "refs", List.copyOf(refs.values()));
      case "presign" ->
          Map.of("url", bundleUrl(AnswerFields.text(request, "bundle_key")), "headers", Map.of());
      case "unpack-bundle" -> move(request);
      case "clone-plan" -> Map.of("bundles", bundles.keySet().stream().map(this::stored).toList());
      default -> throw new IllegalArgumentException("no route " + route);
    };
  }

  private Map<String, ?> move(Map<String, @Nullable Object> request) {
    for (Map<String, @Nullable Object> update : AnswerFields.maps(request, "updates")) {
      String name = AnswerFields.text(update, "name");
      refs.put(name, Map.of("name", name, "target", AnswerFields.text(update, "new")));
    }
    head = Objects.requireNonNullElse(request.get("head"), head);
    return Map.of();
  }

  private String bundleUrl(String id) {
    return root() + STORE + id;
  }

  private Map<String, ?> stored(String id) {
    int size = Objects.requireNonNull(bundles.get(id)).length;
    return Map.of("url", bundleUrl(id), "sha256", id, "size_bytes", size);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
