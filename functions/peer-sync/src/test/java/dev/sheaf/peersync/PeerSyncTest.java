package dev.sheaf.peersync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.function.testing.TestInvocation;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.ops.FollowRequests;
import dev.sheaf.ops.Lease;
import dev.sheaf.ops.OpsCounter;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.SnapshotPage;
import dev.sheaf.ops.SweepPage;
import dev.sheaf.ops.Ulid;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.peersync.http.Patience;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.WantedBundles;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A site that follows others, over HTTP. */
class PeerSyncTest {
  private static final Duration SHORT = Duration.ofMillis(400);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path spool;
  private String impatientWith = "";

  private static ServedSite self;
  private static ServedSite good;
  private static ServedSite other;
  private final CountDownLatch isOver = new CountDownLatch(1);

  @BeforeAll
  static void start() {
    self = new ServedSite(1);
    good = new ServedSite(2);
    other = new ServedSite(3);
  }

  @AfterAll
  static void stop() {
    List.of(self, good, other).forEach(ServedSite::close);
  }

  @BeforeEach
  void begin() {
    List.of(self, good, other).forEach(ServedSite::empty);
    good.write("from-good");
  }

  @AfterEach
  void letGo() {
    isOver.countDown();
  }

  @Test
  void goesThroughItsMotionsWithoutASite() {
    assertThat(String.valueOf(PeerSyncHandler.rehearse().get("peers"))).contains("no JSON array");
  }

  @Test
  void followsAllPeersToTheEndOfTheirLogs() {
    other.write("from-other", "more");
    TickReport report = tick();
    assertThat(report.peers()).allMatch(peer -> peer.tick().isCaughtUp());
    assertThat(self.things()).hasSize(3).containsAll(good.things()).containsAll(other.things());
    good.write("later");
    assertThat(tick().peers().getFirst().tick().applied()).isEqualTo(1);
    assertThat(self.things()).hasSize(4);
  }

  /** n peers: n requests, and nothing that changes the catalog. */
  @Test
  void aQuietTickIsOneRequestAPeerAndWritesNothing() {
    tick();
    tick();
    good.asked.clear();
    other.asked.clear();
    String before = writes();
    RequestCounts counts = new RequestCounts();
    TickReport report =
        sync(new CountingCatalog(self.catalog(), counts), good, other).run("runner", this::aMinute);
    assertThat(report.toMap()).containsEntry("failed_ops", 0L);
    assertThat(good.asked).hasSize(1);
    assertThat(other.asked).hasSize(1);
    assertThat(writes()).isEqualTo(before);
    assertThat(counts.asMap().keySet()).containsExactly("catalog_statement");
  }

  /** Rows that statements of this database have inserted, updated and deleted. */
  private String writes() {
    self.execute("select pg_stat_force_next_flush()::text as t");
    return self.one(
        """
        select sum(n_tup_ins + n_tup_upd + n_tup_del)::text as t
        from pg_stat_user_tables\
        """);
  }

  @Test
  void aPeerThatIsGoneIsNotedAndForgottenWhenItIsBack() {
    other.answers(exchange -> {
      ServedSite.send(exchange, 503, "{}");
      return true;
    });
    assertThat(tick().peers().getLast().error().orElse("")).contains("HTTP 503");
    tick();
    assertThat(self.one("select failures::text as t from peer_faults")).isEqualTo("2");
    assertThat(self.things()).hasSize(1);
    other.answers(null);
    assertThat(tick().peers().getLast().error()).isEmpty();
    assertThat(self.count("peer_faults")).isZero();
  }

  @Test
  void aPeerThatDoesNotKnowUsIsSaid() {
    PeerSync stranger = sync(self.catalog(), "{}", _ -> true, good);
    assertThat(stranger.run("runner", this::aMinute).peers().getFirst().error().orElse(""))
        .contains("HTTP 401");
  }

  /** Each lies or hangs in its own way; the good one is followed all the same, and in time. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "never answers",
        "slow loris",
        "six megabytes of nonsense",
        "a page without an end",
        "a bomb of gzip",
        "far-future ulid",
        "lower-case ulid",
        "ulid of 2019",
        "gap at first contact",
        "redirect",
        "breaks off",
        "no HTTP",
        "table of nobody"
      })
  void onePeerThatLiesOrHangsHarmsNoOther(String kind) {
    other.answers(exchange -> hostile(kind, exchange));
    impatientWith = other.url();
    TickReport report = tick();
    impatientWith = "";
    assertThat(report.peers().getFirst().tick().isCaughtUp()).isTrue();
    assertThat(self.things()).isEqualTo(good.things());
    assertThat(self.count("cursors where host = '" + good.url() + "'")).isEqualTo(1);
    // Whatever it said, the next thing that it says truly is heard.
    other.answers(null);
    other.write("honest");
    tick();
    assertThat(self.things()).contains(other.things().getFirst());
  }

  /**
   * Keys that grow are all that a snapshot promises: a peer that makes them up has the tick's time.
   */
  @Test
  void aSnapshotWithoutAnEndEndsWithTheTick() {
    AtomicInteger pages = new AtomicInteger();
    other.answers(exchange -> {
      String key = "k%09d".formatted(pages.incrementAndGet());
      String now = Ulid.least(Machine.CLOCK.instant()).text();
      exchange.getResponseHeaders().set(SnapshotPage.POSITION, now);
      exchange.getResponseHeaders().set(SnapshotPage.NEXT, "r[\"" + key + "\"]");
      ServedSite.send(exchange, 200, op(now, other.url(), key));
      return true;
    });
    TickReport report = sync(self.catalog(), good, other).run("runner", () -> 25_500);
    assertThat(report.peers().getFirst().tick().isCaughtUp()).isTrue();
    assertThat(self.things()).containsAll(good.things());
    assertThat(report.peers().getLast().tick().isCaughtUp()).isFalse();
    assertThat(report.peers().getLast().tick().pages()).isEqualTo(pages.get()).isPositive();
  }

  /** What others did may come by way of any peer; what this site did is known to it alone. */
  @ParameterizedTest
  @ValueSource(strings = {"us", "a third site", "nobody"})
  void aPeerMayTellOfOthersButNotOfUs(String whose) {
    tick();
    String host =
        switch (whose) {
          case "us" -> self.url();
          case "a third site" -> good.url();
          default -> "";
        };
    String now = Ulid.least(Machine.CLOCK.instant()).text();
    other.answers(exchange -> {
      if (exchange.getRequestURI().getPath().endsWith("snapshot")) {
        ServedSite.send(exchange, 404, "");
      } else {
        ServedSite.send(exchange, 200, op(now, host, "told"));
      }
      return true;
    });
    tick();
    boolean isTold = self.things().stream().anyMatch(thing -> thing.startsWith("told="));
    assertThat(isTold).isEqualTo(whose.equals("a third site"));
    assertThat(self.count("failed_ops")).isEqualTo(whose.equals("nobody") ? 1 : 0);
    assertThat(self.count("ops where ulid = '" + now + "'")).isEqualTo(isTold ? 1 : 0);
  }

  private static String op(String ulid, String host, String key) {
    return """
    [{"ulid":"%s","host":"%s","action":"create","table":"things","data":[{"id":"%s"}],"transient":false}]
    """
        .formatted(ulid, host, key);
  }

  private boolean hostile(String kind, HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().endsWith("snapshot")
        && !kind.equals("never answers")
        && !kind.equals("slow loris")) {
      ServedSite.send(exchange, 404, "");
      return true;
    }
    String now = Ulid.least(Machine.CLOCK.instant()).text();
    switch (kind) {
      case "never answers" -> await();
      case "slow loris" -> {
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.write('[');
        out.flush();
        await();
      }
      case "six megabytes of nonsense" ->
          ServedSite.send(exchange, 200, "[" + "1,".repeat(3 << 20) + "1]");
      case "a page without an end" -> endless(exchange, exchange.getResponseBody(), false);
      case "a bomb of gzip" -> endless(exchange, exchange.getResponseBody(), true);
      case "far-future ulid" -> ops(exchange, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "things");
      case "lower-case ulid" -> ops(exchange, now.toLowerCase(java.util.Locale.ROOT), "things");
      case "ulid of 2019" -> ops(exchange, "01DXYZ00000000000000000000", "things");
      case "gap at first contact" -> {
        exchange.getResponseHeaders().set(SweepPage.GAP, "true");
        exchange.getResponseHeaders().set(SweepPage.AVAILABLE_MIN, now);
        ServedSite.send(exchange, 200, "[]");
      }
      case "redirect" -> {
        exchange.getResponseHeaders().set("Location", good.url() + "/elsewhere");
        exchange.sendResponseHeaders(307, -1);
      }
      case "breaks off" -> {
        exchange.sendResponseHeaders(200, 1_000);
        exchange.getResponseBody().write('[');
      }
      case "no HTTP" -> exchange.getResponseBody().write("nonsense".getBytes(UTF_8));
      default -> ops(exchange, now, "pg_catalog.pg_class");
    }
    return true;
  }

  private void await() {
    try {
      isOver.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void endless(HttpExchange exchange, OutputStream out, boolean isZipped)
      throws IOException {
    if (isZipped) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = isZipped ? new java.util.zip.GZIPOutputStream(out) : out;
    body.write('[');
    byte[] blanks = " ".repeat(1 << 20).getBytes(UTF_8);
    // Until the client hangs up.
    for (int i = 0; i < 2_000; i++) {
      body.write(blanks);
    }
  }

  private void ops(HttpExchange exchange, String ulid, String table) throws IOException {
    ServedSite.send(
        exchange,
        200,
        """
        [{"ulid":"%s","host":"%s","action":"create","table":"%s","data":[{"id":"lie"}],"transient":false}]
        """
            .formatted(ulid, other.url(), table));
  }

  /** Whoever holds a peer's turn reads on; others leave at its first page. */
  @Test
  void aPeerThatAnotherTickReadsIsLeftToIt() {
    tick();
    Lease lease = new Lease(self.catalog(), "follow " + good.url(), "somebody");
    lease.take(Machine.CLOCK.instant(), Duration.ofHours(1));
    fill(10_001);
    TickReport held = tick();
    assertThat(held.peers().getFirst().tick().pages()).isEqualTo(1);
    assertThat(held.peers().getFirst().tick().isCaughtUp()).isFalse();
    lease.release();
    assertThat(tick().peers().getFirst().tick().isCaughtUp()).isTrue();
    assertThat(self.count("ops_leases where holder is not null")).isZero();
  }

  private static void fill(int count) {
    good.execute(
        """
        insert into ops (position, ulid, host, action, "table", data)
        select p, p, '%s', 'create', 'things', jsonb_build_array(jsonb_build_object('id', p))
        from (select '%s' || lpad(n::text, 16, '0') as p
          from generate_series(1, %d) n) positions
        """
            .formatted(
                good.url(), Ulid.least(Machine.CLOCK.instant()).text().substring(0, 10), count));
  }

  @Test
  void withoutTimeOnlyAPageIsRead() {
    tick();
    fill(10_001);
    TickReport report = sync(self.catalog(), good).run("runner", () -> 24_000);
    assertThat(report.peers().getFirst().tick().pages()).isEqualTo(1);
    assertThat(self.count("things")).isEqualTo(10_001);
  }

  /** A page that our own end breaks off is no fault of the peer's. */
  @Test
  void aPageIsBrokenOffWhenTimeIsUp() {
    other.answers(exchange -> {
      await();
      return true;
    });
    TickReport report = sync(self.catalog(), good, other).run("runner", () -> 20_500);
    assertThat(report.peers().getLast().error()).isEmpty();
    assertThat(report.peers().getLast().tick().isCaughtUp()).isFalse();
    assertThat(self.count("peer_faults")).isZero();
  }

  /**
   * The client fails or dies at each of its requests to the catalog, landed or not, and goes on.
   */
  @ParameterizedTest
  @EnumSource
  void aCrashAtEachRequestOfFirstContactLosesNothing(Faults.Way way) {
    good.write("a");
    good.execute("delete from ops");
    good.write("b");
    crashAtEachRequest(way, () -> {});
  }

  /** The peer no longer has what lies behind the cursor. */
  @ParameterizedTest
  @EnumSource
  void aCrashAtEachRequestOfAGapLosesNothing(Faults.Way way) {
    String read = good.write("a").getFirst().ulid().text();
    good.write("b");
    good.execute("insert into ops_deleted (position) select max(position) from ops");
    good.execute("delete from ops");
    good.write("c");
    crashAtEachRequest(
        way,
        () ->
            self.execute(
                "insert into cursors (host, last_ulid, updated_at) values ('%s', '%s', now())"
                    .formatted(good.url(), read)));
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(self.catalog())).isEqualTo(1);
  }

  private void crashAtEachRequest(Faults.Way way, Runnable before) {
    self.empty();
    before.run();
    Faults none = Faults.none();
    sync(new FaultyCatalog(self.catalog(), none), good).run("runner", this::aMinute);
    assertThat(none.requests()).isGreaterThan(10);
    for (int at = 1; at <= none.requests(); at++) {
      self.empty();
      before.run();
      crash(sync(new FaultyCatalog(self.catalog(), Faults.at(at, way)), good));
      sync(self.catalog(), good).run("runner", this::aMinute);
      assertThat(self.things()).as("after request %d, %s", at, way).isEqualTo(good.things());
      assertThat(self.count("peer_snapshots") + self.count("failed_ops")).isZero();
    }
  }

  private void crash(PeerSync sync) {
    try {
      sync.run("runner", this::aMinute);
    } catch (SheafException | Crash e) {
      // What is left behind is looked at.
    }
  }

  @Test
  void aSiteWhoseCatalogFailsFailsAsAWhole() {
    Catalog dead = new FaultyCatalog(self.catalog(), Faults.at(1, Faults.Way.FAILS_BEFORE));
    assertThatThrownBy(() -> sync(dead, good).run("runner", this::aMinute))
        .isInstanceOf(SheafException.class);
    assertThat(self.count("peer_faults")).isZero();
  }

  /** What asked before a run began is answered by it; what asked since is not. */
  @Test
  void manyRequestsAreOneRun() {
    FollowRequests requests = new FollowRequests(self.catalog());
    long first = requests.ask();
    long second = requests.ask();
    PeerSync sync = sync(self.catalog(), good, other);
    assertThat(sync.runFor(second, "runner", this::aMinute)).isPresent();
    good.asked.clear();
    assertThat(sync.runFor(first, "runner", this::aMinute)).isEmpty();
    assertThat(sync.runFor(second, "runner", this::aMinute)).isEmpty();
    assertThat(good.asked).isEmpty();
    good.write("later");
    assertThat(sync.runFor(requests.ask(), "runner", this::aMinute)).isPresent();
    assertThat(self.things()).containsAll(good.things());
    assertThat(self.one("select peers->0->>'caught_up' as t from follow_requests"))
        .isEqualTo("true");
  }

  @Test
  void aRequestThatFailsOrDiesIsNotAnsweredAndIsServedWhenItComesBack() {
    for (Faults.Way way : Faults.Way.values()) {
      for (int at = 1; at <= 3; at++) {
        long number = new FollowRequests(self.catalog()).ask();
        try {
          sync(new FaultyCatalog(self.catalog(), Faults.at(at, way)), good)
              .runFor(number, "runner", this::aMinute);
        } catch (SheafException | Crash e) {
          assertThat(new FollowRequests(self.catalog()).standing().hasAnswered(number)).isFalse();
        }
        sync(self.catalog(), good).runFor(number, "runner", this::aMinute);
        assertThat(new FollowRequests(self.catalog()).standing().hasAnswered(number)).isTrue();
      }
    }
  }

  @Test
  void aMessageIsARequestAndGarbageIsNone() throws IOException {
    new FollowRequests(self.catalog()).ask();
    PeerSyncHandler handler = new PeerSyncHandler(sync(self.catalog(), good));
    Map<String, Object> event =
        new ObjectMapper()
            .readValue(
                Path.of("../../events/sqs-peer-sync.json").toFile(),
                new TypeReference<Map<String, Object>>() {});
    assertThat(handler.handleRequest(event, new TestInvocation(60_000)))
        .isEqualTo(Map.of("batchItemFailures", List.of()));
    assertThat(self.count("follow_requests where done >= 1")).isEqualTo(1);
    good.asked.clear();
    Map<String, Object> garbage = Map.of("Records", List.of(Map.of("body", "garbage")));
    assertThat(handler.handleRequest(garbage, new TestInvocation(60_000)))
        .isEqualTo(Map.of("batchItemFailures", List.of()));
    assertThat(good.asked).isEmpty();
  }

  /** All that wait, tried in this tick or not, until somebody gives them up. */
  @Test
  void whatCouldNotBeAppliedIsCountedAsLongAsItWaits() {
    self.execute(
        """
        insert into failed_ops select '01K' || lpad(n::text, 23, '0'), 'h', 'http://s', 'create',
          'absent', '[]', 'e', 1, now(), now() from generate_series(1, 150) n\
        """);
    assertThat(tick().logLine()).contains("\"FailedOps\":150");
    self.execute("delete from failed_ops");
    assertThat(tick().logLine()).contains("\"FailedOps\":0");
  }

  @Test
  void aScheduledEventIsATick() throws IOException {
    PeerSyncHandler handler = new PeerSyncHandler(sync(self.catalog(), good));
    Map<String, Object> event =
        new ObjectMapper()
            .readValue(
                Path.of("../../events/schedule-peer-sync.json").toFile(),
                new TypeReference<Map<String, Object>>() {});
    assertThat(handler.handleRequest(event, new TestInvocation(60_000)))
        .containsEntry("failed_ops", 0L);
    assertThat(self.things()).isEqualTo(good.things());
  }

  @Test
  void theLogLineHasWhatAlarmsWatch() {
    String line = tick().logLine();
    assertThat(line)
        .contains("\"event\":\"peer-sync\"", "\"PeersLost\":2", "\"FailedOps\":0", "\"Pages\":")
        .contains("\"AwaitedForAnHour\":0");
  }

  private TickReport tick() {
    return sync(self.catalog(), good, other).run("runner", this::aMinute);
  }

  private int aMinute() {
    return 60_000;
  }

  private PeerSync sync(Catalog catalog, ServedSite... peers) {
    return sync(catalog, tokens(peers), _ -> true, peers);
  }

  private String tokens(ServedSite... peers) {
    var tokens = ServedSite.JSON.createObjectNode();
    for (ServedSite peer : peers) {
      tokens.put(peer.url() + "/", "of " + self.url());
    }
    return tokens.toString();
  }

  /** What a peer that hangs costs each test. */
  private Patience patience(String host) {
    Duration most = host.equals(impatientWith) ? SHORT : LONG;
    return new Patience(most, most, most, Machine.CLOCK, Machine.TICKER);
  }

  private PeerSync sync(
      Catalog catalog, String tokens, Predicate<ContentId> placement, ServedSite... peers) {
    OpsOptions ops =
        new OpsOptions(
            self.url(),
            List.of(peers).stream().map(ServedSite::url).toList(),
            false,
            dev.sheaf.ops.RetentionOptions.from(Map.of()));
    return new PeerSync(
        new PeerSync.Ports(
            () -> catalog,
            ops,
            List.of(ServedSite.THINGS),
            new PeerTokens(() -> tokens, Machine.TICKER),
            (host, token) ->
                new HttpPeer(HTTP, host, new HttpPeer.Identity(ops.self(), token), patience(host)),
            new BundleCopies(
                () -> new WantedBundles(self.catalog()),
                self.site::objects,
                placement,
                new BundleCopies.Spool(spool, 1 << 20, 1 << 20),
                Machine.CLOCK),
            new GitCopies(
                () ->
                    new GitPorts(
                        catalog,
                        self.site.objects(),
                        new GitStorage(self.site.objects()),
                        spool,
                        PackLimits.of(1 << 28, 1 << 20),
                        Machine.CLOCK,
                        SiteLog.OFF),
                1 << 20),
            () -> {},
            Machine.CLOCK,
            () -> new Random(5)));
  }
}
