package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DormantTest extends OpsTest {
  @Test
  void dropsDormantTable() {
    insertOld("old", 100, Duration.ofDays(100));
    insertOld("new", 5, Duration.ofMinutes(1));
    assertThat(run(dormant("90d", "old", "new"))).isEqualTo(100);
    assertThat(count("ops where \"table\" = 'old'")).isZero();
    assertThat(count("ops where \"table\" = 'new'")).isEqualTo(5);
    assertThat(OpsCounter.DORMANT_TABLES_CLEANED.value(catalog)).isEqualTo(1);
    assertThat(OpsCounter.DORMANT_OPS_DELETED.value(catalog)).isEqualTo(100);
  }

  @Test
  void optOutPreservesAll() {
    insertOld("old", 10, Duration.ofDays(100));
    Dormant dormant =
        dormant(RetentionOptions.from(Map.of("SHEAF_KEEP_DORMANT_OPS", "true")), "old");
    assertThat(dormant.plan(NOW)).isEqualTo(new DormantPlan(Optional.empty(), Map.of(), 0));
    assertThat(run(dormant)).isZero();
    assertThat(count("ops")).isEqualTo(10);
  }

  @Test
  void idempotent() {
    insertOld("old", 10, Duration.ofDays(100));
    assertThat(run(dormant("90d", "old"))).isEqualTo(10);
    assertThat(run(dormant("90d", "old"))).isZero();
    assertThat(OpsCounter.DORMANT_TABLES_CLEANED.value(catalog)).isEqualTo(1);
  }

  @Test
  void recentWriteOnDormantTableBlocksDelete() {
    insertOld("old", 50, Duration.ofDays(100));
    insertOld("old", 1, Duration.ofMinutes(1));
    assertThat(run(dormant("90d", "old"))).isZero();
    assertThat(count("ops")).isEqualTo(51);
  }

  @Test
  void unregisteredTableUntouched() {
    insertOld("orphan", 10, Duration.ofDays(100));
    assertThat(run(dormant("90d", "old"))).isZero();
    assertThat(count("ops")).isEqualTo(10);
  }

  @Test
  void respectsContextCancel() {
    insertOld("old", 10, Duration.ofDays(100));
    Dormant dormant = dormant("90d", "old");
    assertThat(dormant.run(dormant.tables(NOW), () -> false)).isEqualTo(Dormant.Cleaned.NONE);
    assertThat(count("ops")).isEqualTo(10);
  }

  @Test
  void belowMinThresholdClamped() {
    insertOld("old", 10, Duration.ofHours(2));
    assertThat(run(dormant("1m", "old"))).isZero();
    assertThat(count("ops")).isEqualTo(10);
  }

  /** Somebody writes between the plan and its execution. */
  @Test
  void preservesNewOpsAboveCutoff() {
    insertOld("old", 10, Duration.ofDays(100));
    Dormant dormant = dormant("90d", "old");
    DormantTables found = dormant.tables(NOW);
    insertOld("old", 3, Duration.ofMinutes(1));
    assertThat(dormant.run(found, () -> true).ops()).isEqualTo(10);
    assertThat(count("ops")).isEqualTo(3);
  }

  @Test
  void batchedDeletionLargeTable() {
    catalog.execute(
        Statement.of(
            """
            insert into ops (position, ulid, host, action, "table", data)
            select p, p, 'h', 'create', 'old', '[]'::jsonb
            from (select '01AAAAAAAA' || lpad(n::text, 16, '0') as p
              from generate_series(1, 15001) n) positions
            """));
    Dormant dormant = dormant("90d", "old");
    DormantPlan plan = dormant.plan(NOW);
    assertThat(plan.rows()).containsExactly(Map.entry("old", 15_001L));
    assertThat(plan.bytes()).isPositive();
    int[] asked = {0};
    assertThat(dormant.run(dormant.tables(NOW), () -> asked[0]++ < 2).ops()).isEqualTo(15_001);
  }

  /** Whoever dies between two batches has counted the first. */
  @Test
  void eachBatchIsCountedAsItGoes() {
    catalog.execute(
        Statement.of(
            """
            insert into ops (position, ulid, host, action, "table", data)
            select p, p, 'h', 'create', 'old', '[]'::jsonb
            from (select '01AAAAAAAA' || lpad(n::text, 16, '0') as p
              from generate_series(1, 10001) n) positions
            """));
    Dormant dormant = dormant("90d", "old");
    boolean[] isFirst = {true};
    assertThatThrownBy(() ->
            dormant.run(
                dormant.tables(NOW),
                () -> {
                  if (!isFirst[0]) {
                    throw new IllegalStateException("dies");
                  }
                  isFirst[0] = false;
                  return true;
                }))
        .hasMessage("dies");
    assertThat(OpsCounter.DORMANT_OPS_DELETED.value(catalog)).isEqualTo(10_000);
    assertThat(OpsCounter.DORMANT_TABLES_CLEANED.value(catalog)).isZero();
    assertThat(run(dormant)).isEqualTo(1);
    assertThat(OpsCounter.DORMANT_TABLES_CLEANED.value(catalog)).isEqualTo(1);
  }

  /** A hole in the middle is signalled to nobody: what a peer that was away lacks stays. */
  @Test
  void whatAPeerHasNotReadStays() {
    insertOld("old", 4, Duration.ofDays(120));
    insertOld("old", 5, Duration.ofDays(100));
    insertOld("new", 1, Duration.ofMinutes(1));
    setPosition(PEER, at(NOW.minus(Duration.ofDays(110))).text(), NOW);
    Dormant dormant = dormant("90d", "old", "new");
    assertThat(dormant.plan(NOW).rows()).containsExactly(Map.entry("old", 4L));
    assertThat(run(dormant)).isEqualTo(4);
    setPosition(PEER, at(NOW).text(), NOW);
    assertThat(run(dormant)).isEqualTo(5);
  }

  /** It takes a snapshot when it comes. */
  @Test
  void aPeerThatHasReadNothingHoldsNothingUp() {
    insertOld("old", 4, Duration.ofDays(120));
    setPosition(PEER, "", NOW);
    assertThat(run(dormant("90d", "old"))).isEqualTo(4);
  }

  @Test
  void afterCleanupMinUlidReflectsRemaining() {
    insertOld("old", 10, Duration.ofDays(100));
    insertOld("new", 1, Duration.ofMinutes(1));
    run(dormant("90d", "old", "new"));
    String before = Ulid.least(NOW.minus(Duration.ofDays(200))).text();
    SweepPage page = new SweepServer(catalog, SELF).forAnyone(before);
    assertThat(page.gap().orElseThrow().time()).isEqualTo(NOW.minus(Duration.ofMinutes(1)));
  }

  private Dormant dormant(String threshold, String... tables) {
    return dormant(RetentionOptions.from(Map.of("SHEAF_DORMANT_OPS_THRESHOLD", threshold)), tables);
  }

  private Dormant dormant(RetentionOptions options, String... tables) {
    return new Dormant(
        catalog, List.of(tables), options, new Retention(catalog, List.of(PEER), options));
  }

  private static long run(Dormant dormant) {
    return dormant.run(dormant.tables(NOW), () -> true).ops();
  }
}
