package dev.sheaf.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.function.testing.TestInvocation;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.ops.OpsCounter;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repos;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.storage.wiring.SiteConfig;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operation log is kept small, when it is due and by one runner. */
class OpsCleanupTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final String PEER = "https://peer.example";

  private static Catalog catalog;
  private final ManualClock clock = new ManualClock(NOW);

  @BeforeAll
  static void start() throws IOException {
    catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
  }

  @BeforeEach
  void empty() {
    catalog.execute(
        Statement.of(
            "truncate ops, ops_leases, ops_counters, ops_deleted, peer_positions, cursors,"
                + " tombstones"));
  }

  @Test
  void dormantTablesAreCleanedOnceADayAndAfterEachDeploy() {
    insert("t", 3, Duration.ofDays(100));
    OpsCleanupRun first = cleanup("v1").run("a", () -> 300_000);
    assertThat(first.dormant().ops()).isEqualTo(3);
    assertThat(first.dormant().tables()).isEqualTo(1);
    insert("t", 2, Duration.ofDays(100));
    assertThat(cleanup("v1").run("b", () -> 300_000).hasRun()).isFalse();
    assertThat(cleanup("v2").run("c", () -> 300_000).dormant().ops()).isEqualTo(2);
    insert("t", 1, Duration.ofDays(100));
    clock.advance(Duration.ofDays(1));
    assertThat(cleanup("v2").run("d", () -> 300_000).dormant().ops()).isEqualTo(1);
  }

  @Test
  void optOutPreservesAll() {
    insert("t", 3, Duration.ofDays(100));
    OpsCleanup off = cleanup("v1", catalog, "SHEAF_KEEP_DORMANT_OPS", "true");
    assertThat(off.run("a", () -> 300_000)).isEqualTo(OpsCleanupRun.NONE);
    assertThat(count("ops")).isEqualTo(3);
  }

  /** What is in this process tells that nothing is due: the catalog may sleep. */
  @Test
  void nothingIsAskedUntilSomethingIsDue() {
    RequestCounts counts = new RequestCounts();
    OpsCleanup cleanup =
        cleanup("v1", new CountingCatalog(catalog, counts), "SHEAF_OPS_RETENTION_DAYS", "30");
    cleanup.run("a", () -> 300_000);
    long first = counts.asMap().getOrDefault("catalog_statement", 0L);
    for (int i = 0; i < 11; i++) {
      clock.advance(Duration.ofMinutes(5));
      assertThat(cleanup.run("a", () -> 300_000)).isEqualTo(OpsCleanupRun.NONE);
    }
    assertThat(counts.asMap().get("catalog_statement")).isEqualTo(first);
    clock.advance(Duration.ofMinutes(5));
    assertThat(cleanup.run("a", () -> 300_000).hasRun()).isTrue();
  }

  @Test
  void retentionBeginsOneIntervalAfterItIsSwitchedOn() {
    insert("t", 5, Duration.ofDays(40));
    OpsCleanup cleanup = keeping(30);
    assertThat(cleanup.run("a", () -> 300_000).retentionDeleted()).isZero();
    clock.advance(Duration.ofHours(1));
    assertThat(cleanup.run("a", () -> 300_000).retentionDeleted()).isEqualTo(5);
    assertThat(OpsCounter.RETENTION_OPS_DELETED.value(catalog)).isEqualTo(5);
  }

  @Test
  void aPeerThatWasNeverSeenBlocksAndIsNamed() {
    insert("t", 5, Duration.ofDays(40));
    OpsCleanup cleanup = keeping(30, "SHEAF_PEERS", PEER);
    cleanup.run("a", () -> 300_000);
    clock.advance(Duration.ofHours(1));
    OpsCleanupRun run = cleanup.run("a", () -> 300_000);
    assertThat(run.retentionDeleted()).isZero();
    assertThat(run.pin().map(OpsCleanupRun.Pin::peer)).contains(PEER);
    assertThat(run.logLine())
        .contains("\"RetentionSweepsSkipped\":1", PEER, "empty cursor", "\"HeldRows\":5");
    assertThat(count("ops")).isEqualTo(5);
  }

  /** Whatever fails while the floor is worked out: nothing is deleted. */
  @Test
  void aFloorThatCannotBeWorkedOutDeletesNothing() {
    insert("t", 5, Duration.ofDays(40));
    retentionAlone(catalog).run("a", () -> 300_000);
    clock.advance(Duration.ofHours(1));
    Faults none = Faults.none();
    int requests = requestsOfARun(none);
    for (int at = 1; at <= requests; at++) {
      if (none.log().get(at - 1).contains("doomed")) {
        break;
      }
      Catalog faulty = new FaultyCatalog(catalog, Faults.at(at, Faults.Way.FAILS_BEFORE));
      Map<String, Object> answer =
          handler(retentionAlone(faulty)).handleRequest(Map.of(), new TestInvocation(300_000));
      assertThat(String.valueOf(answer.get("ops"))).contains("error");
      assertThat(count("ops")).as("after request %d", at).isEqualTo(5);
      catalog.execute(Statement.of("update ops_leases set holder = null"));
    }
  }

  private OpsCleanup retentionAlone(Catalog over) {
    return cleanup("v1", over, "SHEAF_OPS_RETENTION_DAYS", "30", "SHEAF_KEEP_DORMANT_OPS", "true");
  }

  private int requestsOfARun(Faults counting) {
    OpsCleanup cleanup = retentionAlone(new FaultyCatalog(catalog, counting));
    // In a transaction of its own that is undone, so that the same run is to be done again.
    List<String> kept = List.of("ops", "ops_leases", "ops_counters", "ops_deleted");
    kept.forEach(table ->
        catalog.execute(Statement.of("create table kept_" + table + " as table " + table)));
    cleanup.run("a", () -> 300_000);
    kept.forEach(table -> {
      catalog.execute(Statement.of("truncate " + table));
      catalog.execute(Statement.of("insert into " + table + " table kept_" + table));
      catalog.execute(Statement.of("drop table kept_" + table));
    });
    return counting.requests();
  }

  @Test
  void oneRunnerAtATimeDoesWhatIsDue() {
    insert("t", 3, Duration.ofDays(100));
    catalog.execute(
        Statement.of(
                "insert into ops_leases (name, holder, held_until)"
                    + " values ('dormant-cleanup', 'other', :until::timestamptz)")
            .text("until", NOW.plusSeconds(60).toString()));
    OpsCleanup cleanup = cleanup("v1");
    assertThat(cleanup.run("a", () -> 300_000).hasRun()).isFalse();
    clock.advance(Duration.ofMinutes(5));
    assertThat(cleanup.run("a", () -> 300_000).dormant().ops()).isEqualTo(3);
  }

  /** The statement that finds dormant tables fails, or whatever else: retention has its turn. */
  @Test
  void oneOfTheTwoFailsAlone() {
    insert("t", 5, Duration.ofDays(40));
    keeping(30).run("a", () -> 300_000);
    clock.advance(Duration.ofDays(1));
    Faults dormant = Faults.at(3, Faults.Way.FAILS_BEFORE);
    OpsCleanupRun run =
        cleanup("v1", new FaultyCatalog(catalog, dormant), "SHEAF_OPS_RETENTION_DAYS", "30")
            .run("b", () -> 300_000);
    assertThat(dormant.log().get(2)).startsWith("select t.name from");
    assertThat(run.failures()).singleElement().asString().startsWith("dormant-cleanup: ");
    assertThat(run.retentionDeleted()).isEqualTo(5);
    assertThat(run.logLine()).contains("\"Failed\":1", "\"RetentionOpsDeleted\":5");
  }

  /** Of a log that nobody has cleaned for years a run would not come to its end otherwise. */
  @Test
  void nothingIsCountedBeforeItIsDeleted() {
    insert("t", 5, Duration.ofDays(100));
    insert("other", 5, Duration.ofDays(40));
    keeping(30).run("a", () -> 300_000);
    insert("t", 5, Duration.ofDays(100));
    clock.advance(Duration.ofDays(1));
    Faults none = Faults.none();
    OpsCleanupRun run =
        cleanup("v1", new FaultyCatalog(catalog, none), "SHEAF_OPS_RETENTION_DAYS", "30")
            .run("a", () -> 300_000);
    assertThat(run.dormant().ops()).isEqualTo(5);
    assertThat(run.retentionDeleted()).isEqualTo(5);
    assertThat(none.log()).noneMatch(statement -> statement.contains("counted"));
  }

  /** Folding took all the time there was. */
  @Test
  void withoutTimeNothingIsLookedAtAndNothingCountsAsSkipped() {
    insert("t", 5, Duration.ofDays(40));
    OpsCleanup cleanup = keeping(30);
    cleanup.run("a", () -> 300_000);
    clock.advance(Duration.ofHours(1));
    assertThat(cleanup.run("a", () -> 40_000)).isEqualTo(OpsCleanupRun.NONE);
    assertThat(OpsCounter.RETENTION_SWEEPS_SKIPPED.value(catalog)).isZero();
    assertThat(cleanup.run("a", () -> 300_000).retentionDeleted()).isEqualTo(5);
  }

  /** A run that has to end early is not done: the next one goes on. */
  @Test
  void aRunThatIsCutOffGoesOnAtTheNext() {
    insert("t", 25_000, Duration.ofDays(100));
    AtomicInteger asked = new AtomicInteger();
    OpsCleanup cleanup = cleanup("v1");
    cleanup.run("a", () -> asked.getAndIncrement() < 2 ? 300_000 : 0);
    assertThat(count("ops")).isEqualTo(15_000);
    cleanup.run("b", () -> 300_000);
    assertThat(count("ops")).isZero();
  }

  @Test
  void tombstonesOutliveTheOpsThatMadeThemByTheRetention() {
    insert("t", 5, Duration.ofDays(40));
    for (Duration age : List.of(Duration.ofDays(61), Duration.ofDays(59), Duration.ofDays(1))) {
      catalog.execute(
          Statement.of("insert into tombstones (\"table\", key, op_ulid) values ('t', :key, :ulid)")
              .text("key", "[\"" + age + "\"]")
              .text("ulid", Ulid.least(NOW.minus(age)).text()));
    }
    OpsCleanup cleanup = keeping(30);
    cleanup.run("a", () -> 300_000);
    clock.advance(Duration.ofHours(1));
    cleanup.run("a", () -> 300_000);
    assertThat(count("tombstones")).isEqualTo(2);
  }

  @Test
  void dryRunThenRealSameCounts() {
    insert("t", 4, Duration.ofDays(100));
    Map<String, Object> plan =
        handler(cleanup("v1")).handleRequest(Map.of("dry_run", true), new TestInvocation(300_000));
    assertThat(String.valueOf(plan.get("ops"))).contains("dormant_tables={t=4}");
    assertThat(count("ops")).isEqualTo(4);
    Map<String, Object> run =
        handler(cleanup("v1")).handleRequest(Map.of(), new TestInvocation(300_000));
    assertThat(String.valueOf(run.get("ops"))).contains("dormant_deleted=4");
  }

  private CompactionHandler handler(OpsCleanup cleanup) {
    InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
    PackFolding folding =
        new PackFolding(
            bucket,
            () -> new Repos(catalog),
            () -> {
              throw new AssertionError("there is nothing to fold");
            },
            () -> {
              throw new AssertionError("there is nothing to fold");
            },
            Duration.ofDays(2),
            FoldLimits.of(1L << 30, 1L << 33),
            clock);
    return new CompactionHandler(
        new Compaction(bucket, JournalOptions.forFunction(), clock),
        folding,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(cleanup));
  }

  private OpsCleanup keeping(int days, String... variables) {
    String[] all = java.util.Arrays.copyOf(variables, variables.length + 2);
    all[variables.length] = "SHEAF_OPS_RETENTION_DAYS";
    all[variables.length + 1] = Integer.toString(days);
    return cleanup("v1", catalog, all);
  }

  private OpsCleanup cleanup(String version) {
    return cleanup(version, catalog);
  }

  private OpsCleanup cleanup(String version, Catalog over, String... variables) {
    Map<String, String> environment = new HashMap<>();
    environment.put("SHEAF_BUCKET", "bucket");
    environment.put("SHEAF_SELF", "https://self.example");
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    OpsOptions options = OpsOptions.of(SiteConfig.from(environment), environment);
    return new OpsCleanup(() -> over, options, List.of("t"), version, clock);
  }

  private static void insert(String table, int rows, Duration age) {
    catalog.execute(
        Statement.of(
                """
                insert into ops (position, ulid, host, action, "table", data)
                select p, p, 'https://self.example', 'create', :table, '[]'
                from (select :prefix || lpad((n + (select count(*) from ops))::text, 16, '0') as p
                  from generate_series(1, :rows::int) n) positions
                """)
            .text("table", table)
            .text("prefix", Ulid.least(NOW.minus(age)).text().substring(0, 10))
            .number("rows", rows));
  }

  private static long count(String from) {
    return catalog
        .execute(Statement.of("select count(*) as n from " + from))
        .first()
        .orElseThrow()
        .number("n");
  }
}
