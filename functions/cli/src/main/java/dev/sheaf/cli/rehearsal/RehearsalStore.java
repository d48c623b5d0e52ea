package dev.sheaf.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

/**
 * A stand-in, on the loopback interface, for an S3 endpoint with one bucket: it keeps what it is
 * sent in memory, lists it in one page, and believes every signature and condition.
 */
public final class RehearsalStore implements AutoCloseable {
  /** The one bucket. */
  public static final String BUCKET = "rehearsal";

  private static final String ROOT = "/" + BUCKET + "/";

  private final HttpServer server;
  private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

  private RehearsalStore(HttpServer server) {
    this.server = server;
  }

  /** Starts one, on a port that is free. */
  public static RehearsalStore start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    RehearsalStore store = new RehearsalStore(server);
    server.createContext("/", store::answer);
    server.start();
    return store;
  }

  /** The URL of the endpoint. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      String key = path.startsWith(ROOT) ? path.substring(ROOT.length()) : "";
      exchange.getResponseHeaders().set("ETag", "\"rehearsal\"");
      exchange.getResponseHeaders().set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
      Optional<byte[]> answer =
          switch (exchange.getRequestMethod()) {
            case "PUT" -> put(key, body);
            case "POST" -> Optional.of("<DeleteResult/>".getBytes(UTF_8));
            case "GET" -> key.isEmpty() ? Optional.of(listing(exchange)) : get(key);
            default -> Optional.of(new byte[0]);
          };
      byte[] bytes = answer.orElseGet(() -> "<Code>NoSuchKey</Code>".getBytes(UTF_8));
      exchange.sendResponseHeaders(
          answer.isPresent() ? 200 : 404, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private Optional<byte[]> put(String key, byte[] body) {
    objects.put(key, body);
    return Optional.of(new byte[0]);
  }

  private Optional<byte[]> get(String key) {
    return Optional.ofNullable(objects.get(key));
  }

  /** The stamps are an hour apart in the order of the keys: all but the last object are old. */
  private byte[] listing(HttpExchange exchange) {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    String prefix = query.replaceFirst(".*prefix=", "").replaceFirst("&.*", "");
    int[] hour = new int[1];
    String contents =
        objects.tailMap(prefix, true).keySet().stream()
            .takeWhile(key -> key.startsWith(prefix))
            .map(key -> entry(key, hour[0]++))
            .collect(Collectors.joining());
    return ("<ListBucketResult><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>"
            + contents
            + "</ListBucketResult>")
        .getBytes(UTF_8);
  }

  private static String entry(String key, int hour) {
    return ("<Contents><Key>%s</Key><LastModified>2026-01-%02dT%02d:00:00.000Z</LastModified>"
            + "<ETag>&quot;rehearsal&quot;</ETag><Size>1</Size></Contents>")
        .formatted(key.replace("/", "%2F"), hour / 24 % 28 + 1, hour % 24);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
