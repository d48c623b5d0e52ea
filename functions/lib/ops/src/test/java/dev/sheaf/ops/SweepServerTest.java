package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.catalog.Statement;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepServerTest extends OpsTest {
  @Test
  void belowMinReturnsGap() throws IOException {
    insertOld("t", 3, Duration.ofMinutes(1));
    SweepPage page = server().forAnyone(Ulid.least(NOW.minusSeconds(600)).text());
    assertThat(read(page)).hasSize(3);
    assertThat(page.gap()).contains(least());
    assertThat(page.isLimited()).isFalse();
  }

  @Test
  void atOrAboveMinNoGap() throws IOException {
    insertOld("t", 3, Duration.ofMinutes(1));
    SweepPage page = server().forAnyone(least().text());
    assertThat(page.gap()).isEmpty();
    assertThat(read(page)).hasSize(2);
  }

  @Test
  void emptyAfterIsNotAGap() throws IOException {
    insertOld("t", 3, Duration.ofMinutes(1));
    SweepPage page = server().forAnyone("");
    assertThat(page.gap()).isEmpty();
    assertThat(read(page)).hasSize(3);
  }

  @Test
  void emptyOpsTableNoGapAndBodyIsEmptyArrayNotNull() {
    SweepPage page = server().forAnyone("01KNDZV6J00000000000000001");
    assertThat(page.gap()).isEmpty();
    assertThat(page.lastScanned()).isEmpty();
    assertThat(page.body().text()).isEqualTo("[]\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "", "zzz", "'; drop table ops; --", "\u00e9"})
  void anyTextIsComparedAsText(String after) throws IOException {
    insertOld("t", 3, Duration.ofMinutes(1));
    SweepPage page = server().forAnyone(after);
    boolean isAbove = after.compareTo("1") > 0;
    assertThat(read(page)).hasSize(isAbove ? 0 : 3);
    assertThat(page.gap().isPresent()).isEqualTo(after.equals("0") || after.startsWith("'"));
  }

  /** A peer's own ops are left out, and it goes on behind them all the same. */
  @Test
  void filteredPageStillAdvances() throws IOException {
    applier(catalog).apply(PEER, List.of(op(at(NOW), "create", data("a"))), _ -> {});
    SweepPage page = server().forPeer("", PEER);
    assertThat(read(page)).isEmpty();
    assertThat(page.lastScanned()).contains(least());
    assertThat(read(server().forPeer("", "https://third.example"))).hasSize(1);
    assertThat(read(server().forAnyone(""))).isEmpty();
  }

  /**
   * What a peer's op is called lies below where it stands here: who goes on from either misses
   * nothing.
   */
  @Test
  void aRelayedOpStandsBehindItsOwnUlid() {
    Op op = op(at(NOW.plusSeconds(60)), "create", data("a"));
    applier(catalog).apply(PEER, List.of(op), _ -> {});
    assertThat(least()).isGreaterThan(op.ulid());
    List<Op> own = append("after");
    assertThat(own.getFirst().ulid()).isGreaterThan(least());
  }

  @Test
  void pageLimit10000() throws IOException {
    fill(10_001, 40);
    SweepPage first = server().forAnyone("");
    assertThat(read(first)).hasSize(10_000);
    assertThat(first.isLimited()).isTrue();
    SweepPage second = server().forAnyone(first.lastScanned().orElseThrow().text());
    assertThat(read(second)).hasSize(1);
    assertThat(second.isLimited()).isFalse();
  }

  @Test
  void aPageIsCutByBytesAndTheNextGoesOn() throws IOException {
    fill(600, 20_000);
    assertThat(pagesOf(600)).isEqualTo(3);
  }

  /** Six bytes on the wire are one in the catalog, which counts for the page's length. */
  @Test
  void aPageOfWhatIsEscapedIsCutByItsBytesOnTheWire() throws IOException {
    fill(700, 3_000, "<");
    assertThat(pagesOf(700)).isEqualTo(4);
  }

  private int pagesOf(int count) throws IOException {
    Set<Ulid> seen = new HashSet<>();
    String after = "";
    int pages = 0;
    SweepPage page;
    do {
      page = server().forAnyone(after);
      assertThat(page.body().text().getBytes(StandardCharsets.UTF_8).length)
          .isLessThanOrEqualTo(SweepServer.MOST_BYTES);
      read(page).forEach(op -> assertThat(seen.add(op.ulid())).isTrue());
      after = page.lastScanned().orElseThrow().text();
      pages++;
    } while (page.isLimited());
    assertThat(seen).hasSize(count);
    return pages;
  }

  @Test
  void aChangeWithMuchDataBecomesSeveralOps() throws IOException {
    List<com.fasterxml.jackson.databind.node.ObjectNode> records = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      records.add(record("branch-" + i).put("name", "x".repeat(60)));
    }
    catalog.transaction(transaction -> {
      Stamp stamp = opLog().stamp(transaction);
      List<Op> ops = opLog().ops(stamp, new OpLog.Change(Action.UPDATE, "things", records));
      opLog().append(transaction, ops);
      return ops;
    });
    List<Op> read = read(server().forAnyone(""));
    assertThat(read.size()).isGreaterThan(1);
    assertThat(read.stream().mapToInt(op -> op.data().size()).sum()).isEqualTo(2_000);
    assertThat(read).extracting(Op::ulid).isSorted();
  }

  /** A client that follows while many append, each for a while, misses none. */
  @Test
  void concurrentAppendersLoseNothingForASweepingClient() throws Exception {
    int appenders = 6;
    int each = 25;
    Set<Ulid> appended = new HashSet<>();
    Set<Ulid> swept = new HashSet<>();
    AtomicBoolean isOver = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Set<Ulid>> sweeper = threads.submit(follow(isOver));
      List<Future<List<Op>>> writers = new ArrayList<>();
      for (int i = 0; i < appenders; i++) {
        int writer = i;
        writers.add(
            threads.submit(() -> {
              List<Op> ops = new ArrayList<>();
              for (int n = 0; n < each; n++) {
                ops.addAll(append("w" + writer + "-" + n));
              }
              return ops;
            }));
      }
      for (Future<List<Op>> writer : writers) {
        writer.get().forEach(op -> appended.add(op.ulid()));
      }
      isOver.set(true);
      swept.addAll(sweeper.get());
    }
    assertThat(appended).hasSize(appenders * each);
    assertThat(swept).isEqualTo(appended);
  }

  private Callable<Set<Ulid>> follow(AtomicBoolean isOver) {
    return () -> {
      Set<Ulid> swept = new HashSet<>();
      String after = "";
      boolean wasOver;
      do {
        wasOver = isOver.get();
        SweepPage page = server().forAnyone(after);
        read(page).forEach(op -> swept.add(op.ulid()));
        after = page.lastScanned().map(Ulid::text).orElse(after);
      } while (!wasOver);
      return swept;
    };
  }

  private List<Op> append(String id) {
    return catalog.transaction(transaction -> {
      // Long transactions begin before others and end after them.
      transaction.execute(Statement.of("select pg_sleep(0.002)::text as slept"));
      Stamp stamp = opLog().stamp(transaction);
      List<Op> ops =
          opLog().ops(stamp, new OpLog.Change(Action.CREATE, "things", List.of(record(id))));
      opLog().append(transaction, ops);
      return ops;
    });
  }

  private void fill(int count, int bytes) {
    fill(count, bytes, "x");
  }

  private void fill(int count, int bytes, String letter) {
    catalog.execute(
        Statement.of(
                """
                insert into ops (position, ulid, host, action, "table", data)
                select p, p, :host, 'create', 't', jsonb_build_array(jsonb_build_object('id', n,
                  'pad', repeat(:letter, :bytes::int)))
                from (select n, '01AAAAAAAA' || lpad(n::text, 16, '0') as p
                  from generate_series(1, :count::int) n) positions
                """)
            .text("host", SELF)
            .number("bytes", bytes)
            .text("letter", letter)
            .number("count", count));
  }

  private SweepServer server() {
    return new SweepServer(catalog, SELF);
  }

  private Ulid least() {
    return new Ulid(
        catalog
            .execute(Statement.of("select min(position) as least from ops"))
            .first()
            .orElseThrow()
            .text("least"));
  }

  static List<Op> read(SweepPage page) throws IOException {
    List<Op> ops = new ArrayList<>();
    OpJson.readPage(
        new ByteArrayInputStream(page.body().text().getBytes(StandardCharsets.UTF_8)),
        ops::add,
        strange -> {
          throw strange;
        });
    return ops;
  }
}
