package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetentionTest extends OpsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void disabledIsNoOp() {
    insertOld("t", 10, Duration.ofDays(400));
    Retention retention = retention(Map.of("SHEAF_OPS_RETENTION_DAYS", "0"));
    assertThat(run(retention)).isZero();
    assertThat(count("ops")).isEqualTo(10);
    assertThat(OpsCounter.RETENTION_SWEEPS_SKIPPED.value(catalog)).isZero();
  }

  @Test
  void allCursorsAheadDeletesOldOps() {
    insertOld("t", 25, Duration.ofDays(60));
    insertOld("t", 5, MINUTE);
    peerAt(Duration.ofSeconds(30));
    assertThat(run(retention(30))).isEqualTo(25);
    assertThat(count("ops")).isEqualTo(5);
    assertThat(OpsCounter.RETENTION_OPS_DELETED.value(catalog)).isEqualTo(25);
  }

  @Test
  void cursorBelowCutoffPreventsDelete() {
    insertOld("t", 3, Duration.ofDays(60));
    insertOld("t", 3, Duration.ofDays(40));
    insertOld("t", 3, MINUTE);
    peerAt(Duration.ofDays(45));
    Retention retention = retention(30);
    RetentionPlan plan = retention.plan(NOW);
    assertThat(plan.pinnedBy()).contains(PEER);
    assertThat(plan.floor().pinnedSince()).contains(NOW.minus(Duration.ofDays(45)));
    assertThat(plan.deletable().rows()).isEqualTo(3);
    assertThat(plan.held().rows()).isEqualTo(3);
    assertThat(plan.held().bytes()).isPositive();
    assertThat(plan.peers().getFirst().state()).isEqualTo(PeerStanding.State.EXTENDED);
    assertThat(retention.run(plan.floor(), () -> true)).isEqualTo(3);
    assertThat(count("ops")).isEqualTo(6);
  }

  @Test
  void emptyCursorBlocksDeletion() {
    insertOld("t", 10, Duration.ofDays(60));
    setPosition(PEER, "", NOW);
    RetentionPlan plan = retention(30).plan(NOW);
    assertThat(plan.skipReason()).contains("empty cursor for peer " + PEER + " blocks deletion");
    assertThat(run(retention(30))).isZero();
    assertThat(OpsCounter.RETENTION_SWEEPS_SKIPPED.value(catalog)).isEqualTo(1);
  }

  @Test
  void aConfiguredPeerNeverSeenBlocksDeletion() {
    insertOld("t", 10, Duration.ofDays(60));
    RetentionPlan plan = retention(30).plan(NOW);
    assertThat(plan.cutoff()).isEmpty();
    assertThat(plan.pinnedBy()).contains(PEER);
    assertThat(plan.held().rows()).isEqualTo(10);
    assertThat(plan.floor().pinnedSince()).isEmpty();
    assertThat(plan.peers().getFirst().state()).isEqualTo(PeerStanding.State.LOST);
  }

  @Test
  void aHostThatIsNotConfiguredNeverCounts() {
    insertOld("t", 10, Duration.ofDays(60));
    peerAt(MINUTE);
    setPosition("https://gone.example", "", NOW);
    setPosition("https://gone2.example", at(NOW.minus(Duration.ofDays(90))).text(), NOW);
    catalog.execute(
        Statement.of(
            "insert into cursors values ('https://other.example', '4711', now()), "
                + "('"
                + PEER
                + "', '20481', now())"));
    assertThat(run(retention(30))).isEqualTo(10);
  }

  /** Our own reading of the peer is older than what it asked us for: the smaller counts. */
  @Test
  void theSmallerOfBothPositionsIsTheFloor() {
    insertOld("t", 3, Duration.ofDays(60));
    insertOld("t", 3, Duration.ofDays(40));
    peerAt(MINUTE);
    Cursors.advance(catalog, PEER, at(NOW.minus(Duration.ofDays(50))), NOW);
    assertThat(run(retention(30))).isEqualTo(3);
  }

  @Test
  void safetyMarginHonored() {
    insertOld("t", 1, Duration.ofDays(50));
    insertOld("t", 1, Duration.ofDays(30).plusMinutes(30));
    insertOld("t", 1, Duration.ofDays(29));
    peerAt(Duration.ofDays(30));
    assertThat(run(retention(1))).isEqualTo(1);
    assertThat(count("ops")).isEqualTo(2);
  }

  @Test
  void batchLimitHonored() {
    insertOld("t", 250, Duration.ofDays(60));
    peerAt(MINUTE);
    assertThat(run(retention(settings(30, "100")))).isEqualTo(250);
  }

  @Test
  void drainsUpToMaxBatchesPerTick() {
    insertOld("t", 200, Duration.ofDays(60));
    peerAt(MINUTE);
    Retention retention = retention(settings(30, "10"));
    assertThat(retention.plan(NOW).deletable().rows()).isEqualTo(200);
    assertThat(run(retention)).isEqualTo(100);
    assertThat(count("ops")).isEqualTo(100);
  }

  @Test
  void iteratesAllRegisteredTables() {
    insertOld("a", 5, Duration.ofDays(60));
    insertOld("b", 5, Duration.ofDays(61));
    peerAt(MINUTE);
    assertThat(run(retention(30))).isEqualTo(10);
  }

  @Test
  void noPeersUsesAgeCutoffOnly() {
    insertOld("t", 5, Duration.ofDays(60));
    Retention alone = new Retention(catalog, List.of(), RetentionOptions.from(settings(30, "100")));
    assertThat(run(alone)).isEqualTo(5);
  }

  @Test
  void ancientCursorPinsAllRetention() {
    insertOld("t", 5, Duration.ofDays(60));
    peerAt(Duration.ofDays(400));
    RetentionPlan plan = retention(30).plan(NOW);
    assertThat(plan.skipReason().orElseThrow()).startsWith("no rows older than cutoff (min=");
    assertThat(plan.pinnedBy()).contains(PEER);
    assertThat(plan.held().rows()).isEqualTo(5);
    assertThat(run(retention(30))).isZero();
  }

  @Test
  void dryRunThenRealSameCounts() {
    insertOld("t", 30, Duration.ofDays(60));
    insertOld("t", 5, MINUTE);
    peerAt(Duration.ofSeconds(30));
    RetentionPlan plan = retention(30).plan(NOW);
    assertThat(plan.deletable().rows()).isEqualTo(30);
    assertThat(plan.deletable().bytes()).isPositive();
    assertThat(count("ops")).isEqualTo(35);
    assertThat(run(retention(30))).isEqualTo(30);
  }

  @Test
  void emptyTableIsSaidSo() {
    peerAt(MINUTE);
    assertThat(retention(30).plan(NOW).skipReason()).contains("ops table empty");
  }

  @Test
  void aFloorThatCannotBeWorkedOutDeletesNothing() {
    insertOld("t", 5, Duration.ofDays(60));
    peerAt(MINUTE);
    catalog.execute(Statement.of("alter table cursors rename to cursors_away"));
    Retention retention = retention(30);
    assertThatThrownBy(() -> run(retention)).isInstanceOf(SheafException.class);
    catalog.execute(Statement.of("alter table cursors_away rename to cursors"));
    assertThat(count("ops")).isEqualTo(5);
  }

  @Test
  void aPeerThatLaggedBehindWhatIsLeftHasAGap() {
    insertOld("t", 1, Duration.ofDays(10));
    peerAt(Duration.ofDays(20));
    PeerStanding peer = retention(30).plan(NOW).peers().getFirst();
    assertThat(peer.state()).isEqualTo(PeerStanding.State.GAP);
    setPosition(PEER, at(NOW.minus(MINUTE)).text(), NOW);
    assertThat(retention(30).plan(NOW).peers().getFirst().state())
        .isEqualTo(PeerStanding.State.STREAMING);
  }

  /** A peer begins with a snapshot: over an empty log it asks for nothing else. */
  @Test
  void aPeerThatHasReadNothingYetIsNotLost() {
    setPosition(PEER, "", NOW.minus(Duration.ofDays(1)));
    assertThat(standing().state()).isEqualTo(PeerStanding.State.STREAMING);
    insertOld("t", 1, Duration.ofDays(10));
    assertThat(standing().state()).isEqualTo(PeerStanding.State.EXTENDED);
    setPosition(PEER, "", NOW.minus(Duration.ofDays(8)));
    catalog.execute(Statement.of("update peer_positions set seen_at = '2026-05-20T00:00:00Z'"));
    assertThat(standing().state()).isEqualTo(PeerStanding.State.LOST);
  }

  private PeerStanding standing() {
    return retention(30).standings(NOW).getFirst();
  }

  /** A position that no site of ours can have had. */
  @Test
  void aPositionBeforeAllTimeDeletesNothing() {
    insertOld("t", 5, Duration.ofDays(60));
    setPosition(PEER, "00000000000000000000000000", NOW);
    assertThat(retention(30).plan(NOW).pinnedBy()).contains(PEER);
    assertThat(run(retention(30))).isZero();
  }

  /** No plan of cleanup, retention or sweeping reads the whole table. */
  @Test
  void noPlanScansTheTable() {
    catalog.execute(
        Statement.of(
            """
            insert into ops (position, ulid, host, action, "table", data)
            select p, p, 'h', 'create', 't' || n % 3, '[]'::jsonb
            from (select n, '01AAAAAAAA' || lpad(n::text, 16, '0') as p
              from generate_series(1, 20000) n) positions
            """));
    catalog.execute(Statement.of("analyze ops"));
    for (String sql :
        List.of(
            "select min(position) from ops",
            "select max(position) from ops where \"table\" = 't1'",
            "select position from ops where position > '01AAAAAAAA0000000000010000'"
                + " order by position limit 2500",
            "select position from ops where position < '01AAAAAAAA0000000000000100'"
                + " order by position limit 100",
            "select position from ops where \"table\" = 't1' and position <"
                + " '01AAAAAAAA0000000000000100' order by position limit 100")) {
      StringBuilder plan = new StringBuilder();
      catalog
          .execute(Statement.of("explain (format text) " + sql))
          .forEach(row -> plan.append(row.text("QUERY PLAN")).append('\n'));
      assertThat(plan.toString()).as(sql).doesNotContain("Seq Scan");
    }
  }

  private void peerAt(Duration ago) {
    setPosition(PEER, at(NOW.minus(ago)).text(), NOW);
  }

  private static Map<String, String> settings(int days, String batch) {
    Map<String, String> settings = new HashMap<>();
    settings.put("SHEAF_OPS_RETENTION_DAYS", String.valueOf(days));
    settings.put("SHEAF_OPS_RETENTION_BATCH_LIMIT", batch);
    return settings;
  }

  private Retention retention(int days) {
    return retention(settings(days, "10000"));
  }

  private Retention retention(Map<String, String> settings) {
    return new Retention(catalog, List.of(PEER), RetentionOptions.from(settings));
  }

  private static long run(Retention retention) {
    return retention.run(retention.floor(NOW), () -> true);
  }
}
