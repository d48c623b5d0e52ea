package dev.sheaf.peersync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.peersync.http.Patience;
import dev.sheaf.repository.WantedBundles;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.testing.ManualClock;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles that peers told of come into this site's bucket. */
class BundleCopiesTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int SPOOL = 1 << 20;

  private static ServedSite self;
  private static ServedSite first;
  private static ServedSite second;

  @TempDir private Path spool;
  private final Random random = new Random(3);
  private final ManualClock clock = new ManualClock(Instant.parse("2026-06-01T12:00:00Z"));

  @BeforeAll
  static void start() {
    self = new ServedSite(1);
    first = new ServedSite(2);
    second = new ServedSite(3);
  }

  @AfterAll
  static void stop() {
    List.of(self, first, second).forEach(ServedSite::close);
  }

  @BeforeEach
  void begin() {
    List.of(self, first, second).forEach(ServedSite::empty);
    self.execute("truncate repos, bundles, bundle_copies");
    self.execute(
        "insert into repos (repo_id, owner, name) values ('r1', 'alice', 'here'), ('r2', 'b', 'c')");
  }

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    try (var files = Files.list(spool)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void awaitedBundlesAreCopiedFromWhoeverHasThem() {
    byte[] one = bundle("r1", 10_000, first);
    byte[] two = bundle("r2", 500_000, second);
    assertThat(copy()).isEqualTo(new BundleCopies.Copied(2, 0));
    assertThat(stored("alice/here", one)).isEqualTo(one);
    assertThat(stored("b/c", two)).isEqualTo(two);
    // The store has checked and kept the checksum: the intake need not hash again.
    assertThat(head("alice/here", one).sha256()).isEqualTo(Ids.object(one));
  }

  @Test
  void whatIsHereAlreadyIsNotAskedFor() {
    bundle("r1", 1_000, first);
    copy();
    first.asked.clear();
    assertThat(copy()).isEqualTo(new BundleCopies.Copied(1, 0));
    assertThat(first.asked).isEmpty();
  }

  /**
   * An upload that was refused here before the bundle was told of, or whose event was lost: no
   * event of it is to come.
   */
  @Test
  void whatIsHereAndNobodyTakesInIsPutOnceMoreAfterPausesThatDouble() {
    byte[] wanted = bundle("r1", 2_000, first);
    put("alice/here", wanted, wanted);
    List<Integer> minutes = new ArrayList<>();
    for (int minute = 0; minute < 20; minute++) {
      RequestCounts counts = new RequestCounts();
      assertThat(copies(_ -> true, counts).copy(List.of(peer(first)), inAMinute()).missing())
          .isZero();
      if (counts.count(RequestKind.S3_PUT) == 1) {
        minutes.add(minute);
      }
      clock.advance(Duration.ofMinutes(1));
    }
    assertThat(minutes).containsExactly(1, 3, 7, 15);
    assertThat(first.asked).isEmpty();
    assertThat(stored("alice/here", wanted)).isEqualTo(wanted);
  }

  @Test
  void otherBytesThatLieHereGiveWayToAPeers() {
    byte[] wanted = bundle("r1", 3_000, first);
    put("alice/here", wanted, random(3_000));
    copy();
    clock.advance(Duration.ofMinutes(1));
    assertThat(copy()).isEqualTo(new BundleCopies.Copied(1, 0));
    assertThat(stored("alice/here", wanted)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"other bytes", "too many", "too few", "nothing", "error", "to http", "breaks off"})
  void aPeerThatLiesIsNotBelievedAndAnotherOneGivesIt(String kind) {
    byte[] wanted = bundle("r1", 5_000, second);
    first.answers(exchange -> lie(kind, exchange));
    assertThat(copy()).isEqualTo(new BundleCopies.Copied(1, 0));
    assertThat(stored("alice/here", wanted)).isEqualTo(wanted);
  }

  private boolean lie(String kind, HttpExchange exchange) throws IOException {
    switch (kind) {
      case "other bytes" -> ServedSite.send(exchange, 200, "x".repeat(5_000));
      case "too many" -> ServedSite.send(exchange, 200, "x".repeat(5_001));
      case "too few" -> ServedSite.send(exchange, 200, "x".repeat(4_999));
      case "nothing" -> ServedSite.send(exchange, 404, "");
      case "error" -> ServedSite.send(exchange, 500, "");
      case "to http" -> {
        exchange.getResponseHeaders().set("Location", "file:///etc/passwd");
        exchange.sendResponseHeaders(307, -1);
      }
      default -> {
        exchange.sendResponseHeaders(200, 5_000);
        exchange.getResponseBody().write("half".getBytes(UTF_8));
      }
    }
    return true;
  }

  /** n peers are asked once, then after a minute, two, four: not every minute for ever. */
  @Test
  void whatNobodyHasIsAskedForEverMoreSeldom() {
    awaited("r1", random(700));
    int asked = 0;
    for (int minute = 0; minute < 60; minute++) {
      first.asked.clear();
      BundleCopies.Copied copied = copy();
      assertThat(copied.copied()).isZero();
      assertThat(copied.missing()).isEqualTo(first.asked.size());
      asked += first.asked.size();
      clock.advance(Duration.ofMinutes(1));
    }
    assertThat(asked).isEqualTo(6);
  }

  @Test
  void whatIsTooLargeOrBelongsElsewhereIsLeftAlone() {
    bundle("r1", SPOOL + 1, first);
    byte[] elsewhere = bundle("r2", 100, first);
    Predicate<ContentId> isPlaced = id -> !id.equals(Ids.object(elsewhere));
    assertThat(copies(isPlaced).copy(List.of(peer(first)), inAMinute()))
        .isEqualTo(new BundleCopies.Copied(0, 1));
    assertThat(first.asked).isEmpty();
  }

  @Test
  void withoutTimeNothingIsBegun() {
    bundle("r1", 100, first);
    assertThat(
            copies(_ -> true)
                .copy(List.of(peer(first)), new Span(clock.instant(), clock.instant(), clock)))
        .isEqualTo(new BundleCopies.Copied(0, 0));
    assertThat(first.asked).isEmpty();
    assertThat(copy().copied()).isEqualTo(1);
  }

  @Test
  void manyAtOnceGoThroughTheSpoolTogether() {
    for (int i = 0; i < 12; i++) {
      bundle("r1", SPOOL / 2 - i, i % 2 == 0 ? first : second);
    }
    assertThat(copy()).isEqualTo(new BundleCopies.Copied(12, 0));
  }

  /** Whoever runs the tick is killed at its end: by then it is noted what became of each bundle. */
  @ParameterizedTest
  @ValueSource(strings = {"trickles", "does not answer"})
  void aCopyThatTakesTooLongIsBrokenOffAndPutOff(String how) {
    bundle("r1", 6_001 + how.length(), first);
    CountDownLatch isOver = new CountDownLatch(1);
    first.answers(exchange -> {
      if (how.equals("trickles")) {
        exchange.sendResponseHeaders(200, 5_000);
        exchange.getResponseBody().write('x');
        exchange.getResponseBody().flush();
      }
      awaitQuietly(isOver);
      return true;
    });
    Instant now = clock.instant();
    Span span = new Span(now.plusSeconds(60), now.plusMillis(300), clock);
    assertThat(copies(_ -> true).copy(List.of(peer(first)), span))
        .isEqualTo(new BundleCopies.Copied(0, 1));
    isOver.countDown();
    assertThat(self.one("select attempts::text as t from bundle_copies")).isEqualTo("1");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ticks begin every minute, and one that copies much lasts longer. */
  @Test
  void twoTicksAtOnceCopyEachBundleOnce() {
    bundle("r1", 1_100, first);
    AtomicReference<BundleCopies.@Nullable Copied> second = new AtomicReference<>();
    first.answers(exchange -> {
      if (second.get() == null) { // in the middle of the first one's copy
        second.set(copies(_ -> true).copy(List.of(peer(first)), inAMinute()));
      }
      return false;
    });
    assertThat(copies(_ -> true).copy(List.of(peer(first)), inAMinute()).copied()).isEqualTo(1);
    assertThat(second.get()).isEqualTo(new BundleCopies.Copied(0, 0));
    assertThat(first.asked).hasSize(1);
    assertThat(self.count("bundle_copies")).isZero();
  }

  /** A runner that died is waited for as long as it may have lived. */
  @Test
  void whatSomebodyTookAndNeverDidIsDueAgainLater() {
    byte[] wanted = bundle("r1", 1_200, first);
    WantedBundles bundles = new WantedBundles(self.catalog());
    Instant now = clock.instant();
    assertThat(bundles.claim(bundles.due(now, 10), now, now.plusSeconds(300))).hasSize(1);
    assertThat(copy()).isEqualTo(new BundleCopies.Copied(0, 0));
    clock.advance(Duration.ofMinutes(5));
    assertThat(copy()).isEqualTo(new BundleCopies.Copied(1, 0));
    assertThat(stored("alice/here", wanted)).isEqualTo(wanted);
  }

  private BundleCopies.Copied copy() {
    return copies(_ -> true).copy(List.of(peer(first), peer(second)), inAMinute());
  }

  private Span inAMinute() {
    Instant end = clock.instant().plusSeconds(60);
    return new Span(end, end, clock);
  }

  private BundleCopies copies(Predicate<ContentId> isPlacedHere) {
    return copies(isPlacedHere, new RequestCounts());
  }

  private BundleCopies copies(Predicate<ContentId> isPlacedHere, RequestCounts counts) {
    return new BundleCopies(
        () -> new WantedBundles(self.catalog()),
        () -> new CountingObjectStore(self.site.objects(), counts),
        isPlacedHere,
        new BundleCopies.Spool(spool, SPOOL, SPOOL),
        clock);
  }

  private HttpPeer peer(ServedSite site) {
    Duration most = Duration.ofMinutes(1);
    return new HttpPeer(
        HTTP,
        site.url(),
        new HttpPeer.Identity(self.url(), Optional.of("of " + self.url())),
        new Patience(most, most, most, Machine.CLOCK, Machine.TICKER));
  }

  /** A bundle that a site has and this one was told of. */
  private byte[] bundle(String repoId, int size, ServedSite holder) {
    byte[] bytes = random(size);
    ContentId id = Ids.object(bytes);
    holder
        .site
        .objects()
        .put(
            ObjectKeys.bundle("whose", "ever", id),
            Content.of(bytes),
            id,
            ObjectStore.Condition.ALWAYS,
            "application/octet-stream");
    awaited(repoId, bytes);
    return bytes;
  }

  private static void put(String repo, byte[] named, byte[] bytes) {
    self.site
        .objects()
        .put(
            key(repo, named),
            Content.of(bytes),
            null,
            ObjectStore.Condition.ALWAYS,
            "application/octet-stream");
  }

  private static void awaited(String repoId, byte[] bytes) {
    self.execute(
        "insert into bundles (repo_id, bundle, size_bytes, ordinal) values ('%s', '%s', %d, 1)"
            .formatted(repoId, Ids.object(bytes).hex(), bytes.length));
  }

  private byte[] random(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static ObjectStore.StoredObject head(String repo, byte[] bytes) {
    return self.site.objects().head(key(repo, bytes)).orElseThrow();
  }

  private static byte[] stored(String repo, byte[] bytes) {
    try (ObjectStore.Download download =
        self.site.objects().get(key(repo, bytes), ObjectStore.Read.WHOLE).orElseThrow()) {
      return download.body().readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String key(String repo, byte[] bytes) {
    String[] parts = repo.split("/", -1);
    return ObjectKeys.bundle(parts[0], parts[1], Ids.object(bytes));
  }
}
