package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A site takes over what a peer has, beside the peer's log. */
class SnapshotTest extends OpsTest {
  private static final Instant LATER = NOW.plus(Duration.ofDays(9));

  private static final String UNREAD =
      "select count(*) as n from ops_deleted d join peer_positions p on p.after < d.position"
          + " where p.host = '"
          + SELF
          + "'";

  @SuppressWarnings("NullAway.Init")
  private Catalog peer;

  @BeforeAll
  void createPeer() throws IOException {
    peer = newCatalog();
  }

  @BeforeEach
  void emptyPeer() {
    peer.execute(Statement.of("truncate ops, tombstones, things, peer_positions, ops_deleted"));
    peer.execute(Statement.of("update ops_tail set last_millis = 0"));
  }

  @Test
  void aNewPeerTakesASnapshotAndGoesOnInTheLog() throws IOException {
    write("a", "b", "c");
    delete("b");
    retire();
    ServedPeer served = new ServedPeer();
    SweepClient.Tick tick = tick(served, () -> true);
    assertThat(tick.isCaughtUp()).isTrue();
    assertThat(things(catalog)).isEqualTo(things(peer)).hasSize(2);
    assertThat(count("tombstones")).isEqualTo(1);
    write("d");
    tick(served, () -> true);
    assertThat(things(catalog)).isEqualTo(things(peer)).hasSize(3);
    assertThat(served.snapshots).isEqualTo(2);
  }

  @Test
  void aGapHeals() throws IOException {
    write("a");
    ServedPeer served = new ServedPeer();
    tick(served, () -> true);
    write("b");
    delete("a");
    retire();
    write("c");
    SweepClient.Tick tick = tick(served, () -> true);
    assertThat(tick.metGap()).isTrue();
    assertThat(tick.isCaughtUp()).isTrue();
    assertThat(things(catalog)).isEqualTo(things(peer)).hasSize(2);
    assertThat(count("peer_snapshots")).isZero();
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isEqualTo(1);
  }

  /** What was interrupted goes on where it was, also across the turn to the tombstones. */
  @Test
  void aSnapshotGoesOnByKeyInLaterTicks() throws IOException {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      ids.add("id-" + random.nextInt(1 << 30) + "-" + i);
    }
    write(ids.toArray(String[]::new));
    delete(ids.get(17), ids.get(4_000));
    retire();
    ServedPeer served = new ServedPeer();
    int ticks = 1;
    while (!tick(served, () -> false).isCaughtUp()) {
      ticks++;
      assertThat(ticks).isLessThan(20);
    }
    assertThat(ticks).isGreaterThanOrEqualTo(4);
    assertThat(things(catalog)).isEqualTo(things(peer)).hasSize(5_998);
    assertThat(count("tombstones")).isEqualTo(2);
  }

  /** The position is the first page's: what is written while the snapshot runs is in the log. */
  @Test
  void whatIsWrittenMeanwhileIsNotMissed() throws IOException {
    String[] ids = new String[3_000];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = "k%05d".formatted(i);
    }
    write(ids);
    ServedPeer served = new ServedPeer();
    assertThat(tick(served, () -> false).isCaughtUp()).isFalse();
    write("a-before-all-others");
    delete("k00003");
    while (!tick(served, () -> false).isCaughtUp()) {
      assertThat(served.snapshots).isLessThan(20);
    }
    assertThat(things(catalog)).isEqualTo(things(peer));
  }

  @Test
  void anOlderRecordOfASnapshotDoesNotOverwriteANewerOne() throws IOException {
    write("a");
    Op newer = op(at(clock.instant().plusSeconds(60)), "update", data("a", "newer"));
    applier(catalog).apply("https://third.example", List.of(newer), _ -> {});
    tick(new ServedPeer(), () -> true);
    assertThat(things(catalog)).containsExactly("a=newer@" + newer.ulid());
  }

  /** An empty site is asked once a tick, and nothing is written down. */
  @Test
  void aSiteWithoutALogIsAskedOnceATick() throws IOException {
    ServedPeer served = new ServedPeer();
    for (int i = 1; i <= 3; i++) {
      assertThat(tick(served, () -> true).isCaughtUp()).isTrue();
      assertThat(served.snapshots + served.sweeps).isEqualTo(i);
    }
    assertThat(count("cursors") + count("peer_snapshots")).isZero();
  }

  @Test
  void aPeerWithoutTheRouteIsFollowedByItsLogAlone() throws IOException {
    List<Op> ops = List.of(op(at(NOW), "create", data("a")));
    ScriptedPeer old = new ScriptedPeer().page(ops);
    assertThat(tick(old, () -> true).applied()).isEqualTo(1);
    tick(old, () -> true);
    assertThat(old.askedSnapshots).hasSize(1);
  }

  @Test
  void recordsThatCannotBeAppliedAreKeptAndTriedAgain() throws IOException {
    Ulid ulid = at(NOW);
    List<Op> page =
        List.of(
            op(ulid, "create", data("a", "good")),
            op(ulid, "create", bad("b")),
            op(ulid, "create", bad("c")));
    tick(
        new ScriptedPeer().snapshot(page, SnapshotPage.POSITION, at(NOW).text()).page(List.of()),
        () -> true);
    assertThat(things(catalog)).hasSize(1);
    assertThat(count("failed_ops where jsonb_array_length(data) = 2")).isEqualTo(1);
  }

  private static com.fasterxml.jackson.databind.node.ArrayNode bad(String id) {
    com.fasterxml.jackson.databind.node.ArrayNode data = data(id);
    ((com.fasterxml.jackson.databind.node.ObjectNode) data.get(0)).put("size", "no number");
    return data;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "same keys for ever",
        "empty pages for ever",
        "back and forth",
        "another table",
        "two records",
        "a position of the future",
        "a position of 2019",
        "nonsense"
      })
  void aSnapshotThatCannotBeIsRefusedAndMovesNothing(String kind) {
    String position =
        switch (kind) {
          case "a position of the future" -> at(NOW.plus(Duration.ofDays(99))).text();
          case "a position of 2019" -> "01DXYZ00000000000000000000";
          default -> at(NOW).text();
        };
    List<Op> page =
        switch (kind) {
          case "empty pages for ever" -> List.of();
          case "back and forth" ->
              List.of(op(at(NOW), "create", data("b")), op(at(NOW), "create", data("a")));
          case "another table" -> List.of(new Op(at(NOW), PEER, "create", "t", data("a"), false));
          case "two records" -> List.of(op(at(NOW), "create", data("a").addAll(data("b"))));
          default -> List.of(op(at(NOW), "create", data("a")));
        };
    ScriptedPeer hostile =
        kind.equals("nonsense")
            ? new ScriptedPeer().snapshot(200, "[" + "1,".repeat(3 << 20) + "1]")
            : new ScriptedPeer()
                .snapshot(page, SnapshotPage.POSITION, position, SnapshotPage.NEXT, "r[\"a\"]");
    assertThatThrownBy(() -> tick(hostile, () -> hostile.askedSnapshots.size() < 50))
        .isInstanceOf(SheafException.class);
    assertThat(hostile.askedSnapshots.size()).isLessThanOrEqualTo(2);
    assertThat(count("cursors")).isZero();
  }

  @Test
  void aStrangeTableOrPlaceIsRefusedByItsName() {
    SnapshotServer server = server();
    assertThatThrownBy(() -> server.page("objects", ""))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
        .hasMessageContaining("things");
    for (String after : List.of("x", "r", "r[]", "r[1,2]", "r[null]", "t{}", "r[[1]]", "'")) {
      assertThatThrownBy(() -> server.page("things", after))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
    }
  }

  @Test
  void recordsFromBeforeTheLogAreGivenAsOldest() throws IOException {
    write("new");
    peer.execute(Statement.of("insert into things (id, name) values ('old', '<&>')"));
    String body = server().page("things", "").body().text();
    assertThat(body).contains("\\u003c\\u0026\\u003e").contains(Ulid.OLDEST.text());
    tick(new ServedPeer(), () -> true);
    assertThat(things(catalog)).contains("old=<&>@" + Ulid.OLDEST);
  }

  /** By the log's end, even if all that it had is gone; and not before what is being appended. */
  @Test
  void thePositionIsRightBelowWhatComesNext() throws IOException {
    assertThat(server().page("things", "").position()).isEmpty();
    write("a");
    retire();
    Ulid position = server().page("things", "").position().orElseThrow();
    write("b");
    assertThat(SweepServerTest.read(new SweepServer(peer, PEER).forPeer(position.text(), SELF)))
        .hasSize(1);
  }

  /**
   * Of three that work on one log at a time: who follows has all of it from the log, and who comes
   * seldom, and counts for nothing, what is gone by then from snapshots.
   */
  @Test
  void retentionAmongAppendsSweepsAndSnapshotsLosesNothing() throws IOException {
    Catalog away = newCatalog();
    SweepPeer noted = new Noted(new ServedPeer());
    SweepPeer served = new ServedPeer();
    write("first");
    tick(catalog, noted);
    tick(away, served);
    Retention retention = new Retention(peer, List.of(SELF), retiring("10"));
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicLong deleted = new AtomicLong();
    try (ParallelCalls<Boolean> calls = new ParallelCalls<>(4)) {
      calls.submit(() -> {
        for (int i = 0; i < 150; i++) {
          String id = "k" + random.nextInt(30);
          change(random.nextInt(4) == 0 ? Action.DELETE : Action.CREATE, id);
        }
        isOver.set(true);
        return true;
      });
      calls.submit(() -> {
        boolean hasMetGap = false;
        while (!isOver.get()) {
          hasMetGap |= tick(catalog, noted).metGap();
        }
        return hasMetGap;
      });
      calls.submit(() -> {
        while (!isOver.get()) {
          deleted.addAndGet(retention.run(retention.floor(LATER), () -> true));
          assertThat(count(peer, UNREAD)).as("deleted before it was read").isZero();
        }
        return true;
      });
      calls.submit(() -> {
        boolean hasMetGap = false;
        while (!isOver.get()) {
          long before = deleted.get();
          hasMetGap |= tick(away, served).metGap();
          while (!isOver.get() && deleted.get() < before + 20) {
            Thread.onSpinWait();
          }
        }
        return hasMetGap;
      });
      assertThat(calls.results()).startsWith(true, false, true);
    }
    tick(catalog, noted);
    tick(catalog, noted);
    deleted.addAndGet(retention.run(retention.floor(LATER), () -> true));
    write("last");
    tick(catalog, noted);
    tick(away, served);
    assertThat(deleted).hasPositiveValue();
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(away)).isPositive();
    assertThat(OpsCounter.SWEEP_GAP_ADVANCES.value(catalog)).isZero();
    assertThat(things(catalog)).isEqualTo(things(peer));
    assertThat(things(away)).isEqualTo(things(peer));
  }

  private SweepClient.Tick tick(Catalog of, SweepPeer from) throws IOException {
    return new SweepClient(of, applier(of), List.of(THINGS), clock).tick(from, () -> true);
  }

  /** Remembers how far it is read, as the route does. */
  private final class Noted implements SweepPeer {
    private final SweepPeer served;

    Noted(SweepPeer served) {
      this.served = served;
    }

    @Override
    public String host() {
      return served.host();
    }

    @Override
    public Answer sweep(String after) throws IOException {
      Answer answer = served.sweep(after);
      new SweepServer(peer, PEER).seen(SELF, after, clock.instant());
      return answer;
    }

    @Override
    public Answer snapshot(String table, String after) throws IOException {
      return served.snapshot(table, after);
    }
  }

  private void write(String... ids) {
    change(Action.CREATE, ids);
  }

  private void delete(String... ids) {
    change(Action.DELETE, ids);
  }

  /** As a site's own change: the records, and the op, in one transaction. */
  private void change(Action action, String... ids) {
    clock.advance(Duration.ofMillis(5));
    OpLog log = new OpLog(PEER, clock, random);
    peer.transaction(transaction -> {
      List<Op> ops =
          log.ops(
              log.stamp(transaction),
              new OpLog.Change(
                  action, "things", List.of(ids).stream().map(OpsTest::record).toList()));
      for (Op op : ops) {
        RecordWrites writes = new RecordWrites(THINGS);
        writes.add(op, action);
        writes.write(transaction);
      }
      log.append(transaction, ops);
      return ops;
    });
  }

  /** The log gives up all that it has. */
  private void retire() {
    Retention retention = new Retention(peer, List.of(), retiring("10000"));
    long deleted = retention.run(retention.floor(LATER), () -> true);
    assertThat(deleted).isPositive();
  }

  private static RetentionOptions retiring(String batch) {
    return RetentionOptions.from(
        Map.of(
            "SHEAF_OPS_RETENTION_DAYS",
            "6",
            "SHEAF_OPS_RETENTION_CURSOR_MARGIN",
            "0",
            "SHEAF_OPS_RETENTION_BATCH_LIMIT",
            batch));
  }

  private SnapshotServer server() {
    return new SnapshotServer(peer, PEER, List.of(THINGS));
  }

  private SweepClient.Tick tick(SweepPeer from, BooleanSupplier hasTime) throws IOException {
    return new SweepClient(catalog, applier(catalog), List.of(THINGS), clock).tick(from, hasTime);
  }

  /** The peer, by its own servers. */
  private final class ServedPeer implements SweepPeer {
    private int sweeps;
    private int snapshots;

    @Override
    public String host() {
      return PEER;
    }

    @Override
    public Answer sweep(String after) {
      sweeps++;
      SweepPage page = new SweepServer(peer, PEER).forPeer(after, SELF);
      return answer(
          page.body().text(),
          name ->
              switch (name) {
                case SweepPage.GAP -> page.gap().map(_ -> "true");
                case SweepPage.AVAILABLE_MIN -> page.gap().map(Ulid::text);
                case SweepPage.LAST_SCANNED -> page.lastScanned().map(Ulid::text);
                case SweepPage.LIMITED -> Optional.of(String.valueOf(page.isLimited()));
                default -> Optional.empty();
              });
    }

    @Override
    public Answer snapshot(String table, String after) {
      snapshots++;
      SnapshotPage page = server().page(table, after);
      return answer(
          page.body().text(),
          name ->
              switch (name) {
                case SnapshotPage.POSITION -> page.position().map(Ulid::text);
                case SnapshotPage.NEXT -> page.next();
                default -> Optional.empty();
              });
    }

    private static Answer answer(String body, Header header) {
      return new Answer(
          200, header, new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }
  }
}
