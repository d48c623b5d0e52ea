package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.repair.Counter;
import dev.sheaf.repair.Counters;
import dev.sheaf.repair.Cycle;
import dev.sheaf.repair.CycleRun;
import dev.sheaf.repair.PackSpace;
import dev.sheaf.repair.RepairOptions;
import dev.sheaf.repair.RepairTracker;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.PresenceIndex;
import dev.sheaf.repair.presence.PresenceLister;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.WantedPacks;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code localstack/bench repair}: what one listing in place of many HEADs is worth. The bucket is
 * a stub that answers LIST and HEAD over HTTP, the catalog a Postgres behind the Data API; some
 * objects are in the catalog alone.
 */
@Command(
    name = "repair",
    description = "Run a cycle of repair over many keys, with the listing and without.",
    mixinStandardHelpOptions = true)
final class RepairBench implements Callable<Integer> {
  private static final int ROWS_A_STATEMENT = 250_000;

  /** Of a cycle that knows of none before it: one of each kind. */
  private static final int LANES = Kind.values().length;

  @Option(names = "--keys", paramLabel = "N", description = "Objects. Default: 335119.")
  private int keys = 335_119;

  @Option(names = "--missing", paramLabel = "N", description = "Those not stored. Default: 146.")
  private int missing = 146;

  @Option(
      names = "--list-latency",
      paramLabel = "MS",
      description = "What each LIST takes longer. Default: 0.")
  private int latency;

  @Option(
      names = "--range-keys",
      paramLabel = "N",
      description = "Objects of one invocation. Default: 5000000.")
  private long rangeKeys = RepairOptions.DEFAULT.rangeKeys();

  @Option(names = "--without", description = "Also a cycle without the listing: a HEAD a key.")
  private boolean without;

  @Option(
      names = "--peers",
      paramLabel = "N",
      description = "Other sites, none of which has what is missing. Default: 4.")
  private int peers = 4;

  private final Environment environment;
  private double bytesAKey;
  private final Map<Integer, Double> listSeconds = new TreeMap<>();

  RepairBench(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    try (BenchSite servers = BenchSite.start(environment, null, null, false)) {
      Map<String, String> site = servers.freshSite();
      Catalog catalog = Site.from(site).catalog();
      CatalogSchema.migrations().apply(catalog);
      try (ListingStub bucket =
          new ListingStub(stored(fill(catalog)), Duration.ofMillis(latency), Machine.SLEEPER)) {
        site.put("AWS_ENDPOINT_URL_S3", bucket.url().toString());
        ObjectStore store = Site.from(site).objects();
        for (int lanes : new int[] {1, 4, 16, 16}) {
          list(store, lanes);
        }
        Map<String, Number> listing = cycle("listing", store, catalog);
        Map<String, Number> heads = Map.of();
        if (without) {
          bucket.refuseListings();
          heads = cycle("heads", store, catalog);
        }
        new RepairComparison(keys, bytesAKey, listSeconds, latency > 0, listing, heads)
            .lines()
            .forEach(line -> environment.out().println(line));
      }
    }
    return 0;
  }

  /** Rows of objects whose ids are spread evenly; all ids in order. */
  private List<String> fill(Catalog catalog) {
    for (int from = 0; from < keys; from += ROWS_A_STATEMENT) {
      catalog.execute(
          Statement.of(
                  """
                  insert into objects (object_id, size_bytes, storage_uri, etag, created_at)
                  select id, 100, 's3://bench/objects/' || left(id, 2) || '/' || id,
                    '"' || left(id, 32) || '"', timestamptz '2026-01-01'
                  from (
                    select encode(sha256(n::text::bytea), 'hex') as id
                    from generate_series(:from::int, :to::int - 1) as n) ids
                  """)
              .number("from", from)
              .number("to", Math.min(keys, from + ROWS_A_STATEMENT)));
    }
    List<String> ids = new ArrayList<>(keys);
    String last = "";
    while (ids.size() < keys) {
      catalog
          .execute(
              Statement.of(
                      """
                      select object_id from objects where object_id > :after
                      order by object_id limit 8000
                      """)
                  .text("after", last))
          .forEach(row -> ids.add(row.text("object_id")));
      last = ids.getLast();
    }
    return ids;
  }

  private String[] stored(List<String> ids) {
    int every = missing == 0 ? Integer.MAX_VALUE : Math.max(1, keys / missing);
    List<String> stored = new ArrayList<>(keys);
    int left = missing;
    for (int i = 0; i < ids.size(); i++) {
      if (i % every == every / 2 && left > 0) {
        left--;
      } else {
        stored.add(ids.get(i));
      }
    }
    return stored.toArray(String[]::new);
  }

  private void list(ObjectStore store, int lanes) {
    System.gc();
    long began = environment.nanoTime().getAsLong();
    PresenceIndex index = new PresenceLister(store, environment.clock(), _ -> {}).list(lanes);
    double seconds = seconds(began);
    listSeconds.merge(lanes, seconds, Math::min);
    bytesAKey = (double) index.bytes() / Math.max(1, index.listing().entries());
    Map<String, Object> line = line("list");
    line.put("lanes", lanes);
    line.put("seconds", seconds);
    line.put("entries", index.listing().entries());
    line.put("lists", index.listing().requests());
    line.put("bytes_a_key", bytesAKey);
    environment.out().println(Output.json(line));
  }

  private Map<String, Number> cycle(String how, ObjectStore store, Catalog catalog) {
    catalog.execute(Statement.of("truncate lost"));
    RequestCounts counts = new RequestCounts();
    ObjectStore requests = new CountingObjectStore(store, counts);
    System.gc();
    PeakHeap heap = PeakHeap.begin();
    long began = environment.nanoTime().getAsLong();
    Cycle cycle =
        new Cycle(
            new Cycle.Ports(
                requests,
                catalog,
                BundleReader.spoolingTo(Path.of(System.getProperty("java.io.tmpdir"))),
                Limits.of(32, 2),
                PackSpace.of(Path.of(System.getProperty("java.io.tmpdir"))),
                new KnownPresent(requests, JournalOptions.forFunction()),
                others(),
                () -> (_, _) -> {},
                environment.clock(),
                environment.nanoTime(),
                Machine.IDS),
            RepairOptions.DEFAULT.withScrubBytes(0).withRangeKeys(rangeKeys),
            _ -> {});
    int invocations = 1;
    CycleRun run = cycle.run(Optional.empty(), () -> false);
    while (run.outcome() == CycleRun.Outcome.CONTINUES) {
      invocations++;
      run = cycle.run(run.cycle().map(RepairTracker::startedAt), () -> false);
    }
    RepairTracker tracker = run.cycle().orElseThrow();
    Counters counters = tracker.counters();
    long needed = counters.get(Counter.PULL_MINE_NEEDED);
    Map<String, Number> counted = new LinkedHashMap<>();
    counted.put("seconds", seconds(began));
    counted.put("invocations", invocations);
    counted.put("heads", counts.count(RequestKind.S3_HEAD));
    counted.put("lists", counts.count(RequestKind.S3_LIST));
    counted.put("index_lists", counters.get(Counter.LIST_REQUESTS));
    counted.put("lanes", invocations * LANES);
    counted.put("checked", counters.get(Counter.TOTAL_CHECKED));
    counted.put("already_have", counters.get(Counter.ALREADY_HAVE));
    counted.put("pulls_needed", needed);
    counted.put("pulls_failed", counters.get(Counter.PULL_MINE_FAIL));
    counted.put("pulled", counters.get(Counter.PULL_MINE_SUCCESS));
    counted.put("peak_heap_mb", heap.megabytes());
    Map<String, Object> line = line("cycle");
    line.put("by", how);
    line.putAll(counted);
    environment.out().println(Output.json(line));
    return counted;
  }

  private Peers others() {
    List<BlobPeer> others = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      others.add(new WithoutAnything("https://peer" + i + ".example"));
    }
    return new Peers(Optional.of("https://self.example"), others, 1);
  }

  private record WithoutAnything(String site) implements BlobPeer {
    @Override
    public Answer fetch(ContentId id) {
      return new Answer.HasNot();
    }

    @Override
    public Holding holds(ContentId id) {
      return new Holding.HasNot();
    }

    @Override
    public List<WantedPacks.Wanted> packs(String repoId) {
      return List.of();
    }
  }

  private Map<String, Object> line(String phase) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("bench", "repair");
    line.put("phase", phase);
    line.put("keys", keys);
    return line;
  }

  private double seconds(long began) {
    return Math.round((environment.nanoTime().getAsLong() - began) / 1e7) / 100.0;
  }
}
