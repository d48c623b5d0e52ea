package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepClientTest extends OpsTest {
  private static final String GAP = SweepPage.GAP;
  private static final String MIN = SweepPage.AVAILABLE_MIN;

  private ScriptedPeer peer = new ScriptedPeer();

  @BeforeEach
  void newPeer() {
    peer = new ScriptedPeer();
    catalog.execute(Statement.of("alter table cursors drop constraint if exists stuck"));
  }

  @Test
  void theCursorEndsAtTheLastOpOfAPeerWithoutOurHeaders() throws IOException {
    List<Op> ops = ops(3);
    tick(peer.page(ops));
    assertThat(cursor()).contains(ops.getLast().ulid());
    assertThat(count("things")).isEqualTo(3);
  }

  @Test
  void lastScannedMovesTheCursorBehindOpsThatWereFilteredOut() throws IOException {
    Ulid scanned = at(NOW.minusSeconds(1));
    tick(peer.answers(200, "[]", SweepPage.LAST_SCANNED, scanned.text()));
    assertThat(cursor()).contains(scanned);
  }

  @Test
  void emptyFirstAnswerWritesNoCursor() throws IOException {
    tick(peer.answers(200, "[]\n"));
    assertThat(count("cursors")).isZero();
  }

  @Test
  void aFarFutureOrOlderLastScannedIsNotBelieved() throws IOException {
    List<Op> ops = ops(2);
    setCursor(at(NOW.minus(Duration.ofHours(1))));
    tick(peer.page(ops, SweepPage.LAST_SCANNED, at(NOW.plus(Duration.ofDays(365))).text()));
    assertThat(cursor()).contains(ops.getLast().ulid());
    tick(
        new ScriptedPeer()
            .page(List.of(), SweepPage.LAST_SCANNED, at(NOW.minus(Duration.ofDays(9))).text()));
    assertThat(cursor()).contains(ops.getLast().ulid());
  }

  @Test
  void non200KeepsCursor() {
    setCursor(at(NOW.minusSeconds(5)));
    Optional<Ulid> before = cursor();
    assertThatThrownBy(() -> tick(peer.answers(500, "Failed to query ops: ...")))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("HTTP 500");
    assertThat(cursor()).isEqualTo(before);
  }

  @Test
  void aFullPageIsFollowedByTheNext() throws IOException {
    List<Op> first = ops(2);
    List<Op> second = ops(1);
    peer.page(first, SweepPage.LIMITED, "true").page(second);
    SweepClient.Tick tick = tick(peer);
    assertThat(tick.pages()).isEqualTo(2);
    assertThat(tick.isCaughtUp()).isTrue();
    assertThat(peer.asked).containsExactly("", first.getLast().ulid().text());
  }

  /** While the first page is judged, the second one is on its way. */
  @Test
  void thePageBehindIsAskedForWhileAPageIsApplied() throws IOException {
    List<Op> first = ops(2);
    peer.page(first, SweepPage.LIMITED, "true").page(ops(1));
    CountDownLatch asked = new CountDownLatch(2);
    SweepPeer counted =
        new SweepPeer() {
          @Override
          public String host() {
            return peer.host();
          }

          @Override
          public Answer sweep(String after) throws IOException {
            asked.countDown();
            return peer.sweep(after);
          }

          @Override
          public Answer snapshot(String table, String after) {
            return peer.snapshot(table, after);
          }
        };
    List<Boolean> wasAsked = new ArrayList<>();
    Fence waiting =
        (_, ops, _) -> {
          wasAsked.add(waits(asked));
          return Fence.Verdict.admitting(ops);
        };
    Applier applier = new Applier(catalog, SELF, List.of(THINGS), waiting, clock, random);
    new SweepClient(catalog, applier, List.of(THINGS), clock).tick(counted, () -> true);
    assertThat(wasAsked).containsExactly(true, true);
    assertThat(count("things")).isEqualTo(3);
  }

  private static boolean waits(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aPageThatDoesNotComeTakesNothingFromTheOneBefore() {
    List<Op> first = ops(2);
    peer.page(first, SweepPage.LIMITED, "true").answers(503, "busy");
    assertThatThrownBy(() -> tick(peer))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("HTTP 503");
    assertThat(cursor()).contains(first.getLast().ulid());
    assertThat(count("things")).isEqualTo(2);
  }

  @Test
  void aPageThatCannotBeAppliedMovesNothing() {
    peer.page(ops(1), SweepPage.LIMITED, "true").page(ops(1));
    catalog.execute(
        Statement.of("alter table cursors add constraint stuck check (last_ulid < '0') not valid"));
    assertThatThrownBy(() -> tick(peer)).isInstanceOf(SheafException.class);
    assertThat(count("cursors")).isZero();
    assertThat(count("things")).isZero();
  }

  @Test
  void aPeerThatAlwaysSaysThereIsMoreIsLeftAlone() throws IOException {
    SweepClient.Tick tick = tick(peer.answers(200, "[]", SweepPage.LIMITED, "true"));
    assertThat(tick.pages()).isEqualTo(1);
  }

  @Test
  void timeUpEndsATickBetweenPages() throws IOException {
    peer.page(ops(1), SweepPage.LIMITED, "true").page(ops(1), SweepPage.LIMITED, "true");
    SweepClient.Tick tick = client().tick(peer, () -> false);
    assertThat(tick.pages()).isEqualTo(1);
    assertThat(tick.isCaughtUp()).isFalse();
  }

  @Test
  void wholePageFailsAndTheCursorMovesOn() throws IOException {
    List<Op> ops =
        ops(3).stream()
            .map(op -> new Op(op.ulid(), PEER, "create", "nowhere", op.data(), false))
            .toList();
    SweepClient.Tick tick = tick(peer.page(ops));
    assertThat(tick.failed()).isEqualTo(3);
    assertThat(cursor()).contains(ops.getLast().ulid());
    assertThat(count("failed_ops")).isEqualTo(3);
  }

  @Test
  void detectsGapAndAdvancesCursor() throws IOException {
    setCursor(at(NOW.minus(Duration.ofDays(9))));
    List<Op> ops = ops(2);
    Ulid least = ops.getFirst().ulid();
    SweepClient.Tick tick = tick(peer.page(ops, GAP, "true", MIN, least.text()));
    assertThat(tick.metGap()).isTrue();
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isEqualTo(1);
    assertThat(cursor()).contains(ops.getLast().ulid());
    assertThat(count("things")).isEqualTo(2);
  }

  @Test
  void gapHeaderRespectedAcrossTicks() throws IOException {
    setCursor(at(NOW.minus(Duration.ofDays(9))));
    Ulid least = at(NOW.minusSeconds(5));
    peer.answers(200, "[]", GAP, "true", MIN, least.text());
    tick(peer);
    assertThat(cursor()).contains(least.previous());
    tick(peer);
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isEqualTo(1);
  }

  @Test
  void crashAfterGapBeforeFirstOpLosesNothing() throws IOException {
    setCursor(at(NOW.minus(Duration.ofDays(9))));
    List<Op> ops = ops(1);
    Ulid least = ops.getFirst().ulid();
    assertThatThrownBy(() ->
            tick(new ScriptedPeer().answers(200, "[{\"ulid\":", GAP, "true", MIN, least.text())))
        .isInstanceOf(SheafException.class);
    assertThat(cursor().orElseThrow()).isLessThan(least);
    tick(peer.page(ops));
    assertThat(peer.asked.getFirst()).isLessThan(least.text());
    assertThat(count("things")).isEqualTo(1);
  }

  @Test
  void gapThenBadBodyKeepsAdvance() {
    setCursor(at(NOW.minus(Duration.ofDays(9))));
    Ulid least = at(NOW.minusSeconds(5));
    assertThatThrownBy(() -> tick(peer.answers(200, "nonsense", GAP, "true", MIN, least.text())))
        .isInstanceOf(SheafException.class);
    assertThat(cursor()).contains(least.previous());
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isEqualTo(1);
  }

  @Test
  void gapPersistFailureDoesNotCount() {
    setCursor(at(NOW.minus(Duration.ofDays(9))));
    catalog.execute(
        Statement.of("alter table cursors add constraint stuck check (last_ulid < '0') not valid"));
    assertThatThrownBy(
            () -> tick(peer.answers(200, "[]", GAP, "true", MIN, at(NOW.minusSeconds(5)).text())))
        .isInstanceOf(SheafException.class);
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isZero();
  }

  /** Each of these is no signal, or one that must not be believed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hostileFarFuture",
        "malformed",
        "lowerCase",
        "without",
        "otherThanTrue",
        "equal",
        "of2019",
        "successor"
      })
  void aGapThatIsNoneMovesNothing(String kind) throws IOException {
    Ulid cursor = at(NOW.minus(Duration.ofDays(9)));
    setCursor(cursor);
    String min =
        switch (kind) {
          case "hostileFarFuture" -> at(NOW.plus(Duration.ofDays(5 * 365))).text();
          case "malformed" -> "01IIIIIIIIIIIIIIIIIIIIIIII";
          case "lowerCase" -> at(NOW.minusSeconds(9)).text().toLowerCase(java.util.Locale.ROOT);
          case "equal" -> cursor.text();
          case "successor" -> cursor.next().text();
          case "of2019" -> Ulid.least(java.time.Instant.parse("2019-05-05T00:00:00Z")).text();
          default -> at(NOW.minusSeconds(9)).text();
        };
    String flag = kind.equals("otherThanTrue") ? "TRUE" : "true";
    String name = kind.equals("without") ? "X-Other" : MIN;
    tick(peer.answers(200, "[]", GAP, flag, name, min));
    assertThat(cursor()).contains(cursor);
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isZero();
  }

  @Test
  void emptyCursorWithGapHeaderIsNotBelieved() throws IOException {
    tick(peer.answers(200, "[]", GAP, "true", MIN, at(NOW.minusSeconds(9)).text()));
    assertThat(count("cursors")).isZero();
  }

  @Test
  void sixMegabytesOfNonsenseAreRefused() {
    assertThatThrownBy(() -> tick(peer.answers(200, "[" + "1,".repeat(3 << 20) + "1]")))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("no op");
    assertThat(count("cursors")).isZero();
  }

  /** One site follows another through the server's own pages, over a gap as well. */
  @Test
  void endToEndGapHeaderPropagatesAndClientAdvances() throws IOException {
    Catalog server = newCatalog();
    OpLog log = new OpLog(PEER, clock, random);
    setCursor(at(NOW.minus(Duration.ofDays(9))));
    server.transaction(transaction -> {
      Stamp stamp = log.stamp(transaction);
      List<Op> ops =
          log.ops(stamp, new OpLog.Change(Action.CREATE, "things", List.of(record("a"))));
      log.append(transaction, ops);
      return ops;
    });
    SweepClient.Tick tick =
        client().tick(new ServedPeer(new SweepServer(server, PEER)), () -> true);
    assertThat(tick.metGap()).isTrue();
    assertThat(tick.applied()).isEqualTo(1);
    assertThat(things(catalog)).hasSize(1);
  }

  private record ServedPeer(SweepServer server) implements SweepPeer {
    @Override
    public Answer snapshot(String table, String after) {
      return new Answer(404, _ -> Optional.empty(), new ByteArrayInputStream(new byte[0]));
    }

    @Override
    public String host() {
      return PEER;
    }

    @Override
    public Answer sweep(String after) {
      SweepPage page = server.forPeer(after, SELF);
      return new Answer(
          200,
          name ->
              switch (name) {
                case SweepPage.GAP -> page.gap().map(_ -> "true");
                case SweepPage.AVAILABLE_MIN -> page.gap().map(Ulid::text);
                case SweepPage.LAST_SCANNED -> page.lastScanned().map(Ulid::text);
                case SweepPage.LIMITED -> Optional.of(String.valueOf(page.isLimited()));
                default -> Optional.empty();
              },
          new ByteArrayInputStream(page.body().text().getBytes(StandardCharsets.UTF_8)));
    }
  }

  private List<Op> ops(int count) {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clock.advance(Duration.ofMillis(1));
      ops.add(op(at(clock.instant()), "create", data("k" + random.nextInt())));
    }
    return ops;
  }

  private void setCursor(Ulid to) {
    Cursors.advance(catalog, PEER, to, NOW);
  }

  private Optional<Ulid> cursor() {
    return Cursors.of(catalog, PEER).cursor();
  }

  private SweepClient client() {
    return new SweepClient(catalog, applier(catalog), List.of(THINGS), clock);
  }

  private SweepClient.Tick tick(SweepPeer from) throws IOException {
    return client().tick(from, () -> true);
  }
}
