package dev.sheaf.peersync;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.SnapshotPage;
import dev.sheaf.ops.SnapshotServer;
import dev.sheaf.ops.SweepPage;
import dev.sheaf.ops.SweepServer;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A site with a catalog and a bucket of its own that answers its peers as the api function does. It
 * may be told to answer otherwise.
 */
final class ServedSite implements AutoCloseable {
  static final RegisteredTable THINGS =
      new RegisteredTable(
          "things",
          List.of(
              new RegisteredTable.Column("id", "text"), new RegisteredTable.Column("name", "text")),
          List.of("id"));

  static final ObjectMapper JSON = new ObjectMapper();

  final Site site;
  final List<String> asked = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final Random random;
  private volatile @Nullable Answering instead;

  /** Answers a request in place of the site. */
  @FunctionalInterface
  interface Answering {
    /** Whether it did. */
    boolean answer(HttpExchange exchange) throws IOException;
  }

  ServedSite(long seed) {
    try {
      random = new Random(seed);
      site = Site.from(LocalServers.shared().newSite());
      CatalogSchema.migrations().apply(catalog());
      execute("create table things (id text collate \"C\" primary key, name text, op_ulid text)");
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", this::serve);
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As it was when it began. */
  void empty() {
    answers(null);
    asked.clear();
    execute(
        """
        truncate ops, things, cursors, peer_positions, peer_snapshots, failed_ops, peer_faults,
          tombstones, ops_leases, ops_deleted, ops_counters\
        """);
    execute("update ops_tail set last_millis = 0");
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  Catalog catalog() {
    return site.catalog();
  }

  void execute(String sql) {
    catalog().execute(Statement.of(sql));
  }

  String one(String sql) {
    return catalog().execute(Statement.of(sql)).first().orElseThrow().text("t");
  }

  long count(String from) {
    return catalog()
        .execute(Statement.of("select count(*) as n from " + from))
        .first()
        .orElseThrow()
        .number("n");
  }

  /** The records, each as a text. */
  List<String> things() {
    List<String> things = new ArrayList<>();
    for (Rows.Row row :
        catalog().execute(Statement.of("select id, name, op_ulid from things order by id"))) {
      things.add(row.text("id") + "=" + row.textOrNull("name") + "@" + row.textOrNull("op_ulid"));
    }
    return things;
  }

  /** A change of this site's own: records, and the op that tells of them, in one transaction. */
  List<Op> write(String... ids) {
    OpLog log = new OpLog(url(), Machine.CLOCK, random);
    List<ObjectNode> records = new ArrayList<>();
    for (String id : ids) {
      records.add(JSON.createObjectNode().put("id", id).put("name", "n" + random.nextInt(1000)));
    }
    return catalog()
        .transaction(transaction -> {
          List<Op> ops =
              log.ops(log.stamp(transaction), new OpLog.Change(Action.CREATE, "things", records));
          for (Op op : ops) {
            op.data()
                .forEach(record ->
                    transaction.execute(
                        Statement.of(
                                """
                                insert into things (id, name, op_ulid) values (:id, :name, :ulid)
                                on conflict (id) do update
                                  set name = excluded.name, op_ulid = excluded.op_ulid
                                """)
                            .text("id", record.path("id").textValue())
                            .text("name", record.path("name").textValue())
                            .text("ulid", op.ulid().text())));
          }
          log.append(transaction, ops);
          return ops;
        });
  }

  /** Answers in another way from now on; null for its own again. */
  void answers(@Nullable Answering other) {
    instead = other;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      Answering other = instead;
      if (other != null && other.answer(exchange)) {
        return;
      }
      Map<String, String> query = query(exchange);
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/internal/crud/sweep")) {
        sweep(exchange, query.getOrDefault("after", ""));
      } else if (path.equals("/internal/crud/snapshot")) {
        snapshot(exchange, query);
      } else if (path.startsWith("/internal/blobs/")) {
        blob(exchange, path.substring("/internal/blobs/".length()));
      } else {
        send(exchange, 404, "no such route");
      }
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> values = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      values.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
    }
    return values;
  }

  private void sweep(HttpExchange exchange, String after) throws IOException {
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    if (token == null || !token.startsWith("Bearer of ")) {
      send(exchange, 401, "{}");
      return;
    }
    String peer = token.substring("Bearer of ".length());
    SweepServer log = new SweepServer(catalog(), url());
    SweepPage page = log.forPeer(after, peer);
    log.seen(peer, after, Machine.CLOCK.instant());
    header(exchange, SweepPage.LAST_SCANNED, page.lastScanned().map(Ulid::text));
    header(exchange, SweepPage.LIMITED, page.isLimited() ? Optional.of("true") : Optional.empty());
    header(exchange, SweepPage.GAP, page.gap().map(_ -> "true"));
    header(exchange, SweepPage.AVAILABLE_MIN, page.gap().map(Ulid::text));
    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = new GZIPOutputStream(exchange.getResponseBody())) {
      out.write(page.body().text().getBytes(UTF_8));
    }
  }

  private void snapshot(HttpExchange exchange, Map<String, String> query) throws IOException {
    SnapshotPage page =
        new SnapshotServer(catalog(), url(), List.of(THINGS))
            .page(query.getOrDefault("table", ""), query.getOrDefault("after", ""));
    header(exchange, SnapshotPage.POSITION, page.position().map(Ulid::text));
    header(exchange, SnapshotPage.NEXT, page.next());
    send(exchange, 200, page.body().text());
  }

  private void blob(HttpExchange exchange, String id) throws IOException {
    Optional<String> key =
        site.objects().list("bundles/", null, null).objects().stream()
            .map(ObjectStore.StoredObject::key)
            .filter(each -> each.endsWith(id))
            .findAny();
    if (key.isEmpty()) {
      send(exchange, 404, "{}");
      return;
    }
    header(
        exchange,
        "Location",
        Optional.of(site.objects().presignGet(key.get(), Duration.ofMinutes(1)).toString()));
    exchange.sendResponseHeaders(307, -1);
  }

  private static void header(HttpExchange exchange, String name, Optional<String> value) {
    value.ifPresent(text -> exchange.getResponseHeaders().set(name, text));
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Nobody answers there any more. */
  @Override
  public void close() {
    server.stop(0);
  }
}
