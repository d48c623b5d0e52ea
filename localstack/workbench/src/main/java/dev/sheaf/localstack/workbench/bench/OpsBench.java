package dev.sheaf.localstack.workbench.bench;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.api.ApiHandler;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.SweepClient;
import dev.sheaf.ops.SweepPeer;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Travelling;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code localstack/bench ops}: how fast one site gives its log, and another one takes it over. */
@Command(
    name = "ops",
    mixinStandardHelpOptions = true,
    description = {
      "Measure the operation log: one site serves it page by page through its api function, then"
          + " another one follows it from its beginning.",
      "Prints one JSON object a measurement."
    })
final class OpsBench implements Runnable {
  private static final String SERVER = "http://server.example";
  private static final String FOLLOWER = "http://follower.example";
  private static final int FILLED_AT_ONCE = 50_000;

  /** The time in the ulids of what is made up; its order is in the hex digits behind. */
  private static final String TIME = "01KT1GW6G0";

  private final Environment environment;

  @Mixin private BenchTarget target = new BenchTarget();

  @Option(names = "--ops", defaultValue = "1000000", description = "Ops in the log.")
  private int ops;

  OpsBench(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    try (BenchSite bench = target.start(environment)) {
      Map<String, String> server = bench.freshSite();
      server.put("SHEAF_SELF", SERVER);
      server.put("SHEAF_SWEEP_PUBLIC", "true");
      fill(catalog(server));
      ApiHandler api = new ApiHandler(server);
      for (int run = 0; run < target.runs(); run++) {
        serve(new Peer(api));
      }
      follow(bench.freshSite(), new Peer(api));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Catalog catalog(Map<String, String> site) {
    Catalog catalog = Site.from(site).catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }

  /** Ops of one bundle each, as pushes append them. */
  private void fill(Catalog catalog) {
    for (int first = 0; first < ops; first += FILLED_AT_ONCE) {
      catalog.execute(
          Statement.of(
                  """
                  insert into ops (position, ulid, host, action, "table", data)
                  select ulid, ulid, :self, 'create', 'bundles', jsonb_build_array(
                    jsonb_build_object('repo_id', 'r' || n %% 1000, 'bundle', bundle,
                      'size_bytes', n, 'ordinal', n))
                  from (
                    select n, '%s' || lpad(upper(to_hex(n)), 16, '0') as ulid,
                      encode(sha256(n::text::bytea), 'hex') as bundle
                    from generate_series(:first::bigint, :last::bigint) n) made
                  """
                      .formatted(TIME))
              .text("self", SERVER)
              .number("first", first)
              .number("last", Math.min(ops, first + FILLED_AT_ONCE) - 1));
    }
  }

  private void serve(Peer peer) throws IOException {
    PeakHeap heap = PeakHeap.begin();
    long start = environment.nanoTime().getAsLong();
    String after = "";
    boolean more = true;
    while (more) {
      try (SweepPeer.Answer answer = peer.sweep(after)) {
        after = answer.header().value("X-Crud-Sweep-Last-Scanned-Ulid").orElse(after);
        more = answer.header().value("X-Crud-Sweep-Limited").isPresent();
      }
    }
    report("serve", start, peer, heap);
  }

  private void follow(Map<String, String> site, Peer peer) throws IOException {
    Catalog catalog = catalog(site);
    List<RegisteredTable> tables = Travelling.TABLES;
    Applier applier =
        new Applier(catalog, FOLLOWER, tables, environment.clock(), environment.random());
    SweepClient client = new SweepClient(catalog, applier, tables, environment.clock());
    PeakHeap heap = PeakHeap.begin();
    long start = environment.nanoTime().getAsLong();
    SweepClient.Tick tick = client.tick(peer, () -> true);
    if (tick.applied() != ops) {
      throw new IllegalStateException(tick + " where " + ops + " ops are to be applied");
    }
    report("follow", start, peer, heap);
  }

  private void report(String what, long start, Peer peer, PeakHeap heap) {
    double seconds = (environment.nanoTime().getAsLong() - start) / 1e9;
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("measured", what);
    line.put("ops", ops);
    line.put("seconds", Double.valueOf(String.format(Locale.ROOT, "%.2f", seconds)));
    line.put("ops_per_second", Math.round(ops / seconds));
    line.put("pages", peer.pages);
    line.put("bytes", peer.bytes);
    line.put("heap_mb", heap.megabytes());
    environment.out().println(Output.json(line));
  }

  /** The serving site, without a network. */
  private static final class Peer implements SweepPeer {
    private final ApiHandler api;
    private int pages;
    private long bytes;

    Peer(ApiHandler api) {
      this.api = api;
    }

    @Override
    public String host() {
      return SERVER;
    }

    @Override
    public Answer sweep(String after) {
      pages++;
      APIGatewayProxyRequestEvent event =
          new APIGatewayProxyRequestEvent()
              .withHttpMethod("GET")
              .withPath("/internal/crud/sweep")
              .withHeaders(Map.of("Accept", "application/json"))
              .withQueryStringParameters(Map.of("after", after));
      APIGatewayProxyResponseEvent answer = api.handleRequest(event, new PlainContext());
      byte[] body = body(answer);
      bytes += body.length;
      return new Answer(
          answer.getStatusCode(),
          name -> Optional.ofNullable(answer.getHeaders().get(name)),
          new ByteArrayInputStream(body));
    }

    private static byte[] body(APIGatewayProxyResponseEvent answer) {
      return Boolean.TRUE.equals(answer.getIsBase64Encoded())
          ? Base64.getDecoder().decode(answer.getBody())
          : answer.getBody().getBytes(StandardCharsets.UTF_8);
    }

    /** The log has it all. */
    @Override
    public Answer snapshot(String table, String after) {
      return new Answer(404, _ -> Optional.empty(), new ByteArrayInputStream(new byte[0]));
    }
  }
}
