package dev.sheaf.localstack.workbench.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.storage.Sleeper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * A bucket of objects that nobody has stored: it answers LIST and HEAD over HTTP as S3 does, out of
 * a sorted array of ids. Filling a real one takes longer than all that is measured on it.
 */
final class ListingStub implements AutoCloseable {
  private static final int PAGE = 1_000;
  private static final int SIZE = 100;

  /** 64 hexadecimal digits each, in order. */
  private final String[] ids;

  private final Duration latency;
  private final Sleeper sleeper;
  private final HttpServer server;
  private volatile boolean refuses;

  /**
   * @param latency what each LIST takes longer
   */
  ListingStub(String[] ids, Duration latency, Sleeper sleeper) throws IOException {
    this.ids = ids;
    this.latency = latency;
    this.sleeper = sleeper;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** From now on LIST is forbidden: everything has to be asked for. */
  void refuseListings() {
    refuses = true;
  }

  /** The ETag of an object, as it stands in its row. */
  static String etag(String id) {
    return '"' + id.substring(0, 32) + '"';
  }

  private static String key(String id) {
    return "objects/" + id.substring(0, 2) + "/" + id;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
      if (query.containsKey("list-type") && refuses) {
        exchange.sendResponseHeaders(403, -1);
      } else if (query.containsKey("list-type")) {
        pause();
        byte[] body = page(query).getBytes(US_ASCII);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      } else {
        head(exchange);
      }
    }
  }

  private void pause() throws IOException {
    try {
      if (!latency.isZero()) {
        sleeper.sleep(latency);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped");
    }
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    for (String pair : String.valueOf(raw).split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        query.put(
            pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), US_ASCII));
      }
    }
    return query;
  }

  private String page(Map<String, String> query) {
    StringBuilder xml = new StringBuilder(PAGE * 240);
    xml.append("<ListBucketResult>");
    boolean isObjects = query.getOrDefault("prefix", "").startsWith("objects/");
    String after = query.getOrDefault("continuation-token", query.getOrDefault("start-after", ""));
    int from = isObjects ? firstBehind(after) : ids.length;
    int to = Math.min(ids.length, from + PAGE);
    for (int i = from; i < to; i++) {
      xml.append("<Contents><Key>")
          .append(key(ids[i]))
          .append("</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;")
          .append(ids[i], 0, 32)
          .append("&quot;</ETag><Size>")
          .append(SIZE)
          .append("</Size><StorageClass>STANDARD</StorageClass></Contents>");
    }
    xml.append("<IsTruncated>").append(to < ids.length).append("</IsTruncated>");
    if (to < ids.length) {
      xml.append("<NextContinuationToken>")
          .append(key(ids[to - 1]))
          .append("</NextContinuationToken>");
    }
    return xml.append("</ListBucketResult>").toString();
  }

  /** The place of the first key that comes after a text. */
  private int firstBehind(String after) {
    int low = 0;
    int high = ids.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (key(ids[middle]).compareTo(after) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void head(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String id = path.substring(path.lastIndexOf('/') + 1);
    if (Arrays.binarySearch(ids, id) < 0) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().add("ETag", etag(id));
    exchange.getResponseHeaders().add("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
    exchange.getResponseHeaders().add("Content-Length", Integer.toString(SIZE));
    exchange.sendResponseHeaders(200, -1);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
