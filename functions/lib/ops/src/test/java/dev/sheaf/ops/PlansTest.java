package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.ExplainingCatalog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing reads the whole of a table that grows: asked of Postgres, with its tables filled. */
class PlansTest extends OpsTest {
  private static final String GROWING = "Seq Scan on (ops|things|tombstones)\\b";

  private ExplainingCatalog explaining;

  @BeforeEach
  void fill() {
    explaining = new ExplainingCatalog(catalog);
    catalog.execute(
        Statement.of(
                """
                insert into ops (position, ulid, host, action, "table", data)
                select p, p, case n % 3 when 0 then :self else :peer end, 'create',
                  case n % 7 when 0 then 'rare' else 'things' end,
                  jsonb_build_array(jsonb_build_object('id', n))
                from (select n, :prefix || lpad(n::text, 16, '0') as p
                  from generate_series(1, 30000) n) positions
                """)
            .text("self", SELF)
            .text("peer", PEER)
            .text("prefix", Ulid.least(NOW.minus(Duration.ofDays(100))).text().substring(0, 10)));
    catalog.execute(
        Statement.of(
            "insert into things (id, op_ulid) select 'k' || n, '01AAAAAAAA' || lpad(n::text, 16, '0')"
                + " from generate_series(1, 30000) n"));
    catalog.execute(
        Statement.of(
            """
            insert into tombstones ("table", key, op_ulid)
            select 'things', '["t' || n || '"]', '01AAAAAAAA' || lpad(n::text, 16, '0')
            from generate_series(1, 30000) n
            """));
    catalog.execute(Statement.of("analyze"));
  }

  @Test
  void aSweepReadsAPage() {
    String middle = Ulid.least(NOW.minus(Duration.ofDays(100))).text().substring(0, 10);
    SweepServer server = new SweepServer(explaining, SELF);
    server.forPeer(middle + "0000000000015000", PEER);
    server.forAnyone(middle + "0000000000015000");
    server.forPeer("", PEER);
    server.seen(PEER, middle + "0000000000015000", NOW);
    assertNoScan();
  }

  @Test
  void aSnapshotReadsAPage() {
    SnapshotServer server = new SnapshotServer(explaining, SELF, List.of(THINGS));
    server.page("things", "");
    server.page("things", "r[\"k15000\"]");
    server.page("things", "t");
    server.page("things", "t[\"t15000\"]");
    assertNoScan();
  }

  @Test
  void followingWritesWhatCame() throws IOException {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ops.add(op(at(NOW.plusMillis(i)), i % 5 == 0 ? "delete" : "update", data("k" + i)));
    }
    ScriptedPeer peer = new ScriptedPeer().page(ops);
    Applier applier = applier(explaining);
    new SweepClient(explaining, applier, List.of(THINGS), clock).tick(peer, () -> true);
    applier.retryFailed();
    assertNoScan();
  }

  /** What they count they read along an index, and no more of it than will be deleted. */
  @Test
  void cleanupReadsWhatItDeletes() {
    RetentionOptions options =
        RetentionOptions.from(
            Map.of("SHEAF_OPS_RETENTION_DAYS", "101", "SHEAF_OPS_RETENTION_BATCH_LIMIT", "100"));
    Retention retention = new Retention(explaining, List.of(), options);
    Instant now = NOW.plus(Duration.ofDays(1)).plusSeconds(-3600);
    retention.plan(now);
    retention.run(retention.floor(now), () -> true);
    new Dormant(explaining, List.of("rare", "things"), options, retention).plan(NOW);
    Dormant dormant = new Dormant(explaining, List.of("quiet", "absent"), options, retention);
    dormant.run(dormant.tables(NOW), () -> true);
    assertNoScan();
  }

  @Test
  void theStatusReadsAlongIndexes() {
    new OpsStatus(
            explaining,
            List.of("things", "rare"),
            new OpsOptions(SELF, List.of(PEER), false, RetentionOptions.from(Map.of())))
        .read(NOW);
    assertNoScan();
  }

  private void assertNoScan() {
    assertThat(explaining.plans()).isNotEmpty();
    for (String plan : explaining.plans()) {
      assertThat(plan).doesNotContainPattern(GROWING);
    }
  }
}
