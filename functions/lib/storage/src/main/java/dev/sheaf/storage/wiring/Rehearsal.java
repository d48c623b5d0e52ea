package dev.sheaf.storage.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.Content;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stand-in for AWS on the loopback interface, with which a function goes through its motions
 * before a snapshot is taken of it: the clients' classes are loaded and linked then, and the paths
 * of a request compiled. It answers every request with the same emptiness. Nothing reaches AWS or
 * the site, and no connection outlives it.
 */
public final class Rehearsal implements AutoCloseable {
  private static final String EMPTY_LISTING =
      "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

  private static final AtomicInteger UNDER_WAY = new AtomicInteger();

  private final HttpServer server;
  private final long schemaVersion;

  private Rehearsal(HttpServer server, long schemaVersion) {
    this.server = server;
    this.schemaVersion = schemaVersion;
  }

  /**
   * Starts to answer.
   *
   * @param schemaVersion what the catalog says that it has
   */
  public static Rehearsal start(long schemaVersion) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      Rehearsal rehearsal = new Rehearsal(server, schemaVersion);
      server.createContext("/", rehearsal::answer);
      server.start();
      UNDER_WAY.incrementAndGet();
      return rehearsal;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whoever draws random bits asks here first: what is drawn during a rehearsal is in the snapshot,
   * and would come again in every process that goes on from it.
   *
   * @throws IllegalStateException during a rehearsal
   */
  static void refuseRandomness() {
    if (UNDER_WAY.get() > 0) {
      throw new IllegalStateException("random bits were drawn before a snapshot; draw them later");
    }
  }

  /** The variables of a function that takes this for AWS. */
  public Map<String, String> environment() {
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    return Map.of(
        "AWS_ENDPOINT_URL", url,
        "AWS_REGION", "us-east-1",
        "AWS_ACCESS_KEY_ID", "rehearsal",
        "AWS_SECRET_ACCESS_KEY", "rehearsal",
        "SHEAF_BUCKET", "rehearsal",
        "SHEAF_CATALOG_ARN", "arn:aws:rds:us-east-1:000000000000:cluster:rehearsal",
        "SHEAF_CATALOG_SECRET_ARN",
            "arn:aws:secretsmanager:us-east-1:000000000000:secret:rehearsal",
        "SHEAF_QUEUE_URL", url + "/000000000000/rehearsal",
        "SHEAF_TOKENS", "rehearsal");
  }

  /** Writes, reads and signs: what a function does with its bucket. */
  public void useObjects() {
    ObjectStore store = Site.from(environment()).objects();
    store.put("rehearsal", Content.of(new byte[1]), null, Condition.ALWAYS, "text/plain");
    store.get("rehearsal", ObjectStore.Read.WHOLE).ifPresent(ObjectStore.Download::close);
    store.presignGet("rehearsal", Duration.ofMinutes(1));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String request = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      byte[] body = body(exchange, request).getBytes(UTF_8);
      exchange.getResponseHeaders().add("Connection", "close");
      exchange.getResponseHeaders().add("ETag", "\"rehearsal\"");
      exchange.getResponseHeaders().add("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private String body(HttpExchange exchange, String request) {
    String query = exchange.getRequestURI().getQuery();
    if (query != null && query.contains("list-type=2")) {
      return EMPTY_LISTING;
    }
    String records =
        request.contains("max(version)") ? "[[{\"longValue\":" + schemaVersion + "}]]" : "[]";
    // Every answer in one, as each client only reads the members that it knows.
    return """
    {"SecretString":"[]","transactionId":"rehearsal","numberOfRecordsUpdated":0,"records":%s,\
    "columnMetadata":[{"label":"version","typeName":"int8"}]}\
    """
        .formatted(records);
  }

  @Override
  public void close() {
    server.stop(0);
    UNDER_WAY.decrementAndGet();
  }
}
