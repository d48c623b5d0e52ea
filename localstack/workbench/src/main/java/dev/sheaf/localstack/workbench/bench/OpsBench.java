package dev.sheaf.localstack.workbench.bench;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.api.ApiHandler;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.localstack.servers.postgres.DirectRead;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.Retention;
import dev.sheaf.ops.RetentionOptions;
import dev.sheaf.ops.SweepClient;
import dev.sheaf.ops.SweepPeer;
import dev.sheaf.ops.SweepServer;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.HomeFence;
import dev.sheaf.repository.Travelling;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.parallel.ParallelCalls;
import dev.sheaf.storage.wiring.Site;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code localstack/bench ops}: how fast one site gives its log, and another one takes it over. */
@Command(
    name = "ops",
    mixinStandardHelpOptions = true,
    description = {
      "Measure the operation log: one site serves it page by page through its api function, then"
          + " another one follows it from its beginning, then retention deletes it while the first"
          + " is swept on. What the database alone takes to read the log is measured in turns.",
      "Prints one JSON object a measurement."
    })
final class OpsBench implements Runnable {
  private static final String SERVER = "http://server.example";
  private static final String FOLLOWER = "http://follower.example";
  private static final int FILLED_AT_ONCE = 50_000;

  private static final String ALL_OPS =
      """
      select position, ulid, host, action, "table", data::text from ops
      where position > ? order by position limit ?
      """;

  /** The time in the ulids of what is made up; its order is in the hex digits behind. */
  private static final String TIME = "01KT1GW6G0";

  private final Environment environment;

  @Mixin private BenchTarget target = new BenchTarget();

  private LongSupplier catalogRequests = () -> 0;

  @Option(names = "--ops", defaultValue = "1000000", description = "Ops in the log.")
  private int ops;

  OpsBench(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    try (BenchSite bench = target.start(environment)) {
      catalogRequests = bench::catalogRequests;
      Map<String, String> server = bench.freshSite();
      server.put("SHEAF_SELF", SERVER);
      server.put("SHEAF_SWEEP_PUBLIC", "true");
      Catalog catalog = catalog(server);
      fill(catalog);
      ApiHandler api = new ApiHandler(server);
      for (int run = 0; run < target.runs(); run++) {
        readDirectly(bench.jdbcUrl(server));
        serve(new Peer(api));
      }
      follow(bench.freshSite(), new Peer(api));
      retain(catalog, new Peer(api));
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

  private void readDirectly(String jdbcUrl) {
    Measurement measured = begin("read_directly");
    requireAll(DirectRead.all(jdbcUrl, ALL_OPS, SweepServer.MOST_ROWS));
    measured.report(ops, Map.of());
  }

  private void serve(Peer peer) throws IOException {
    Measurement measured = begin("serve");
    peer.sweepAll("");
    measured.report(ops, peer.counts());
  }

  private void follow(Map<String, String> site, Peer peer) throws IOException {
    Catalog catalog = catalog(site);
    List<RegisteredTable> tables = Travelling.TABLES;
    Applier applier =
        new Applier(
            catalog,
            FOLLOWER,
            tables,
            new HomeFence(FOLLOWER, tables),
            environment.clock(),
            environment.random());
    SweepClient client = new SweepClient(catalog, applier, tables, environment.clock());
    Measurement measured = begin("follow");
    requireAll(client.tick(peer, () -> true).applied());
    measured.report(ops, peer.counts());
  }

  /** Everything goes, a run of ten batches after the other, while somebody sweeps without end. */
  private void retain(Catalog catalog, Peer peer) {
    RetentionOptions options =
        RetentionOptions.from(
            Map.of("SHEAF_OPS_RETENTION_DAYS", "1", "SHEAF_OPS_RETENTION_CURSOR_MARGIN", "0"));
    Retention retention = new Retention(catalog, List.of(), options);
    Instant now = Ulid.parse(TIME + "0".repeat(16)).orElseThrow().time().plus(Duration.ofDays(9));
    Measurement measured = begin("retention");
    AtomicBoolean isOver = new AtomicBoolean();
    int deleted = 0;
    try (ParallelCalls<Boolean> sweeps = new ParallelCalls<>(1)) {
      sweeps.submit(() -> {
        while (!isOver.get()) {
          peer.sweepAll("");
        }
        return true;
      });
      long run;
      do {
        run = retention.run(retention.floor(now), () -> true);
        deleted += (int) run;
      } while (run > 0);
      isOver.set(true);
      sweeps.results();
    }
    requireAll(deleted);
    measured.report(ops, peer.counts());
  }

  private void requireAll(int done) {
    if (done != ops) {
      throw new IllegalStateException(done + " ops where there are " + ops);
    }
  }

  private Measurement begin(String what) {
    return new Measurement(what, PeakHeap.begin(), CpuTime.begin(), now());
  }

  private long now() {
    return environment.nanoTime().getAsLong();
  }

  private final class Measurement {
    private final String what;
    private final PeakHeap heap;
    private final CpuTime cpu;
    private final long start;
    private final long requests;

    Measurement(String what, PeakHeap heap, CpuTime cpu, long start) {
      this.what = what;
      this.requests = catalogRequests.getAsLong();
      this.heap = heap;
      this.cpu = cpu;
      this.start = start;
    }

    void report(int done, Map<String, Object> counts) {
      double seconds = (now() - start) / 1e9;
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("measured", what);
      line.put("ops", done);
      line.put("seconds", Double.valueOf(String.format(Locale.ROOT, "%.2f", seconds)));
      line.put("ops_per_second", Math.round(done / seconds));
      line.putAll(cpu.passed());
      line.putAll(counts);
      line.put("catalog_requests", catalogRequests.getAsLong() - requests);
      line.put("heap_mb", heap.megabytes());
      environment.out().println(Output.json(line));
    }
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

    Map<String, Object> counts() {
      return Map.of("pages", pages, "bytes", bytes);
    }

    /** Asks for page after page, until one is the last. */
    void sweepAll(String from) throws IOException {
      String after = from;
      boolean more = true;
      while (more) {
        try (SweepPeer.Answer answer = sweep(after)) {
          after = answer.header().value("X-Crud-Sweep-Last-Scanned-Ulid").orElse(after);
          more = answer.header().value("X-Crud-Sweep-Limited").isPresent();
        }
      }
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
