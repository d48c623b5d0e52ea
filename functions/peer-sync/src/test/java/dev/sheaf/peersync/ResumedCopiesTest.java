package dev.sheaf.peersync;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.peersync.http.Patience;
import dev.sheaf.repository.WantedBundles;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.ManualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The copy of a large bundle that broke off goes on from the parts that came. */
class ResumedCopiesTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int PART = 1_000;
  private static final int SIZE = 9_700;

  /** No two tests have the same bundles. */
  private static final Random RANDOM = new Random(7);

  private static ServedSite self;
  private static ServedSite first;
  private static ServedSite second;

  @TempDir private Path spool;
  private final ManualClock clock = new ManualClock(Instant.parse("2026-06-01T12:00:00Z"));

  /** Where the first peer was asked to begin, and how much it sent. */
  private final List<String> ranges = new ArrayList<>();

  private final AtomicLong sent = new AtomicLong();

  @BeforeAll
  static void start() {
    self = new ServedSite(11);
    first = new ServedSite(12);
    second = new ServedSite(13);
  }

  @AfterAll
  static void stop() {
    List.of(self, first, second).forEach(ServedSite::close);
  }

  @BeforeEach
  void begin() {
    List.of(self, first, second).forEach(ServedSite::empty);
    self.execute("truncate repos, bundles, bundle_copies");
    self.execute("insert into repos (repo_id, owner, name) values ('r1', 'alice', 'here')");
  }

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    try (var files = Files.list(spool)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void eachTickGoesOnWhereTheOneBeforeWasCut() {
    byte[] wanted = awaited(SIZE);
    first.answers(exchange -> gives(exchange, wanted, 2_500, true));
    for (int tick = 0; tick < 4; tick++) {
      RequestCounts counts = new RequestCounts();
      assertThat(copies(counted(counts)).copy(List.of(peer(first)), inAMinute()))
          .isEqualTo(new BundleCopies.Copied(0, 1));
      assertThat(counts.count(RequestKind.S3_PUT)).as("parts put").isEqualTo(2);
      assertThat(self.count("bundle_copies")).as("pauses").isZero();
    }
    RequestCounts counts = new RequestCounts();
    assertThat(copies(counted(counts)).copy(List.of(peer(first)), inAMinute()))
        .isEqualTo(new BundleCopies.Copied(1, 0));
    assertThat(counts.count(RequestKind.S3_PUT)).as("one part and the whole").isEqualTo(2);
    assertThat(counts.count(RequestKind.S3_GET)).as("parts that were kept").isEqualTo(8);
    assertThat(ranges)
        .containsExactly("", "bytes=2000-", "bytes=4000-", "bytes=6000-", "bytes=8000-");
    assertThat(sent).hasValue(4 * 2_500 + 1_700);
    requireWhole(wanted);
  }

  @Test
  void aPeerThatGivesNoPartsIsReadFromItsBeginning() {
    byte[] wanted = awaited(SIZE);
    first.answers(exchange -> gives(exchange, wanted, 6_200, false));
    assertThat(copy().copied()).isZero();
    first.answers(exchange -> gives(exchange, wanted, SIZE, false));
    assertThat(copy().copied()).isEqualTo(1);
    requireWhole(wanted);
  }

  /** What one peer gives is not put together with what another one gives. */
  @ParameterizedTest
  @ValueSource(strings = {"breaks off", "gives all"})
  void aPeerThatLiesSpoilsNobodyElsesParts(String how) {
    byte[] wanted = awaited(SIZE);
    byte[] lie = random(SIZE);
    int given = how.equals("gives all") ? SIZE : 3_100;
    first.answers(exchange -> gives(exchange, lie, given, true));
    second.answers(exchange -> gives(exchange, wanted, 5_100, true));
    for (int tick = 0; tick < 2; tick++) {
      copies(self.site.objects()).copy(List.of(peer(first), peer(second)), inAMinute());
      clock.advance(Duration.ofMinutes(5));
    }
    assertThat(stored(wanted)).isEqualTo(wanted);
    deleteAll();
  }

  @Test
  void whatWasPutTogetherAndIsNotItIsFetchedAnew() {
    byte[] wanted = awaited(SIZE);
    byte[] lie = random(SIZE);
    first.answers(exchange -> gives(exchange, lie, 4_500, true));
    assertThat(copy().copied()).isZero();
    first.answers(exchange -> gives(exchange, wanted, SIZE, true));
    assertThat(copy().copied()).as("half of it is a lie").isZero();
    assertThat(parts()).isEmpty();
    clock.advance(Duration.ofMinutes(5));
    assertThat(copy().copied()).isEqualTo(1);
    requireWhole(wanted);
  }

  /** A tick that ends at any of its requests to the store, and the ones after it. */
  @ParameterizedTest
  @EnumSource(Faults.Way.class)
  void whateverFailsTheWholeOfItComes(Faults.Way way) {
    boolean happened = true;
    for (int at = 1; happened; at++) {
      begin();
      byte[] wanted = awaited(SIZE);
      first.answers(exchange -> gives(exchange, wanted, 5_500, true));
      Faults faults = Faults.at(at, way);
      ObjectStore store = new FaultyObjectStore(self.site.objects(), faults);
      int copied = 0;
      for (int tick = 0; tick < 6 && copied == 0; tick++) {
        try {
          copied = copies(store).copy(List.of(peer(first)), inAMinute()).copied();
        } catch (SheafException e) {
          // Noted by whoever runs the tick.
        } catch (Crash e) {
          store = self.site.objects();
        }
        clock.advance(Duration.ofMinutes(6));
      }
      happened = faults.happened();
      assertThat(stored(wanted)).as("request %d: %s", at, faults.log()).isEqualTo(wanted);
      sent.set(0);
      deleteAll();
    }
  }

  /** Answers for a blob, and breaks off after so many bytes. */
  private boolean gives(HttpExchange exchange, byte[] bytes, int most, boolean knowsRanges)
      throws IOException {
    if (exchange.getRequestURI().getQuery() == null) {
      exchange.getResponseHeaders().set("Location", exchange.getRequestURI() + "?signed");
      exchange.sendResponseHeaders(307, -1);
      return true;
    }
    String range = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")).orElse("");
    ranges.add(range);
    int from =
        knowsRanges && !range.isEmpty() ? Integer.parseInt(range.replaceAll("[^0-9]", "")) : 0;
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
    int given = Math.min(most, bytes.length - from);
    exchange.getResponseBody().write(bytes, from, given);
    exchange.getResponseBody().flush();
    sent.addAndGet(given);
    return true;
  }

  private void requireWhole(byte[] wanted) {
    assertThat(stored(wanted)).isEqualTo(wanted);
    assertThat(self.site.objects().head(key(wanted)).orElseThrow().sha256())
        .isEqualTo(Ids.object(wanted));
    assertThat(parts()).isEmpty();
  }

  private static List<String> parts() {
    return self.site.objects().list(ObjectKeys.COPIES, null, null).objects().stream()
        .map(ObjectStore.StoredObject::key)
        .toList();
  }

  private static void deleteAll() {
    self.site.objects().delete(parts());
  }

  private BundleCopies.Copied copy() {
    return copies(self.site.objects()).copy(List.of(peer(first)), inAMinute());
  }

  private static ObjectStore counted(RequestCounts counts) {
    return new CountingObjectStore(self.site.objects(), counts);
  }

  private Span inAMinute() {
    Instant end = clock.instant().plusSeconds(60);
    return new Span(end, end, clock);
  }

  private BundleCopies copies(ObjectStore store) {
    return new BundleCopies(
        () -> new WantedBundles(self.catalog()),
        () -> store,
        _ -> true,
        new BundleCopies.Spool(spool, 1 << 20, PART),
        clock);
  }

  private static HttpPeer peer(ServedSite site) {
    Duration most = Duration.ofMinutes(1);
    return new HttpPeer(
        HTTP,
        site.url(),
        new HttpPeer.Identity(self.url(), Optional.of("of " + self.url())),
        new Patience(most, most, most, Machine.CLOCK, Machine.TICKER));
  }

  private static byte[] awaited(int size) {
    byte[] bytes = random(size);
    self.execute(
        "insert into bundles (repo_id, bundle, size_bytes, ordinal) values ('r1', '%s', %d, 1)"
            .formatted(Ids.object(bytes).hex(), bytes.length));
    return bytes;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  private static byte[] stored(byte[] bytes) {
    try (ObjectStore.Download download =
        self.site.objects().get(key(bytes), ObjectStore.Read.WHOLE).orElseThrow()) {
      return download.body().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String key(byte[] bytes) {
    ContentId id = Ids.object(bytes);
    return ObjectKeys.bundle("alice", "here", id);
  }
}
