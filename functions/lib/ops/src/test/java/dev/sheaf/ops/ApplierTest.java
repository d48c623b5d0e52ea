package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ApplierTest extends OpsTest {
  @Test
  void createTwoRecordsOneOp() {
    ArrayNode data = OpJson.MAPPER.createArrayNode();
    data.add(record("a")).add(record("b"));
    Op op = op(at(NOW), "create", data);
    assertThat(apply(op)).isEqualTo(new Applier.Outcome(1, 0, 0));
    assertThat(things(catalog)).containsExactly("a=null@" + op.ulid(), "b=null@" + op.ulid());
  }

  @Test
  void duplicateOpIsSuccess() {
    Op op = op(at(NOW), "create", data("a", "one"));
    apply(op);
    assertThat(apply(op, op)).isEqualTo(new Applier.Outcome(0, 2, 0));
    assertThat(count("ops")).isEqualTo(1);
  }

  /** The end of the log, the ops, their records out of the log; and two for deletions. */
  @Test
  void aPageIsAFewStatementsWhateverItHolds() {
    RequestCounts first = new RequestCounts();
    List<Op> page = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      page.add(op(at(NOW.plusMillis(i)), "create", data("k" + i)));
    }
    applier(new CountingCatalog(catalog, first)).apply(PEER, page, _ -> {});
    assertThat(first.count(RequestKind.CATALOG_STATEMENT)).isEqualTo(3);
    assertThat(count("things")).isEqualTo(3_000);
    page.add(op(at(NOW.plusSeconds(9)), "delete", data("k7")));
    RequestCounts again = new RequestCounts();
    assertThat(applier(new CountingCatalog(catalog, again)).apply(PEER, page, _ -> {}))
        .isEqualTo(new Applier.Outcome(1, 3_000, 0));
    assertThat(again.count(RequestKind.CATALOG_STATEMENT)).isEqualTo(4);
    assertThat(count("things")).isEqualTo(2_999);
  }

  /** An op that no row of the catalog's answers holds writes its records, beside those that fit. */
  @Test
  void whatTheLogDoesNotTakeIsWrittenAllTheSame() {
    Op large = op(at(NOW), "create", data("large", "x".repeat(50_000)));
    Op small = op(at(NOW.plusMillis(1)), "create", data("small"));
    assertThat(apply(large, small)).isEqualTo(new Applier.Outcome(2, 0, 0));
    assertThat(count("ops")).isEqualTo(1);
    assertThat(count("things")).isEqualTo(2);
  }

  @Test
  void updateUpserts() {
    Op op = op(at(NOW), "update", data("new", "x"));
    apply(op);
    assertThat(things(catalog)).containsExactly("new=x@" + op.ulid());
  }

  @Test
  void deleteByKeyAndAnOlderOpDoesNotBringItBack() {
    Op older = op(at(NOW.minusSeconds(20)), "create", data("a", "late"));
    Op deletion = op(at(NOW.minusSeconds(10)), "delete", data("a"));
    apply(op(at(NOW.minusSeconds(30)), "create", data("a")), deletion);
    assertThat(things(catalog)).isEmpty();
    apply(older);
    assertThat(things(catalog)).isEmpty();
    Op newer = op(at(NOW), "create", data("a", "again"));
    apply(newer);
    assertThat(things(catalog)).containsExactly("a=again@" + newer.ulid());
  }

  @Test
  void anOlderOpDoesNotOverwriteANewerRecord() {
    Op newer = op(at(NOW), "update", data("a", "newer"));
    apply(newer);
    apply(op(at(NOW.minusSeconds(1)), "update", data("a", "older")));
    assertThat(things(catalog)).containsExactly("a=newer@" + newer.ulid());
  }

  @Test
  void unknownTableAndActionAreKept() {
    Op table = new Op(at(NOW), PEER, "create", "nowhere", data("a"), false);
    Op action = op(at(NOW), "upsert", data("a"));
    assertThat(apply(table, action)).isEqualTo(new Applier.Outcome(0, 0, 2));
    assertThat(things(catalog)).isEmpty();
    assertThat(count("ops")).isZero();
    assertThat(count("failed_ops where error like 'unknown%'")).isEqualTo(2);
  }

  @Test
  void failedOpThenGoodOp() {
    ArrayNode tooBig = OpJson.MAPPER.createArrayNode();
    tooBig.add(OpJson.MAPPER.createObjectNode().put("id", "bad").put("size", "no number"));
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ops.add(op(at(NOW.plusMillis(i)), "create", i == 11 ? tooBig : data("r" + i)));
    }
    assertThat(applier(catalog).apply(PEER, ops, _ -> {})).isEqualTo(new Applier.Outcome(19, 0, 1));
    assertThat(count("things")).isEqualTo(19);
    assertThat(count("failed_ops")).isEqualTo(1);
  }

  @Test
  void whatFailedIsTriedAgainAndLeavesTheListWhenItIsApplied() {
    catalog.execute(Statement.of("alter table things add constraint short check (id <> 'a')"));
    Op op = op(at(NOW), "create", data("a"));
    apply(op);
    assertThat(applier(catalog).retryFailed()).isEqualTo(new Applier.Outcome(0, 0, 1));
    assertThat(count("failed_ops where attempts = 2")).isEqualTo(1);
    catalog.execute(Statement.of("alter table things drop constraint short"));
    assertThat(applier(catalog).retryFailed()).isEqualTo(new Applier.Outcome(1, 0, 0));
    assertThat(count("failed_ops")).isZero();
    assertThat(things(catalog)).containsExactly("a=null@" + op.ulid());
  }

  @Test
  void aUlidOfTheFarFutureIsKeptAndNotApplied() {
    assertThat(apply(op(at(NOW.plus(Duration.ofDays(1))), "create", data("a"))).failed())
        .isEqualTo(1);
    assertThat(things(catalog)).isEmpty();
  }

  @Test
  void ourOwnOpsComingBackArePassedOver() {
    Op own = new Op(at(NOW), SELF, "create", "things", data("a"), false);
    assertThat(apply(own)).isEqualTo(new Applier.Outcome(0, 1, 0));
    assertThat(count("ops")).isZero();
  }

  /** Whatever the order, the pages and the repetitions, sites end with the same records. */
  @RandomisedTest(seeds = 8)
  void sitesConverge(long seed) throws IOException {
    Random draw = new Random(seed);
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String action = List.of("create", "update", "delete").get(draw.nextInt(3));
      ops.add(
          op(at(NOW.minusMillis(draw.nextInt(50))), action, data("k" + draw.nextInt(8), "v" + i)));
    }
    Catalog other = newCatalog();
    deliver(catalog, ops, draw);
    deliver(other, ops, draw);
    assertThat(things(other)).isEqualTo(things(catalog));
  }

  private void deliver(Catalog to, List<Op> ops, Random draw) {
    List<Op> order = new ArrayList<>(ops);
    order.addAll(ops.subList(0, draw.nextInt(ops.size())));
    Collections.shuffle(order, draw);
    int from = 0;
    while (from < order.size()) {
      int end = Math.min(order.size(), from + 1 + draw.nextInt(20));
      applier(to).apply(PEER, order.subList(from, end), _ -> {});
      from = end;
    }
  }

  private Applier.Outcome apply(Op... ops) {
    return applier(catalog).apply(PEER, List.of(ops), _ -> {});
  }
}
