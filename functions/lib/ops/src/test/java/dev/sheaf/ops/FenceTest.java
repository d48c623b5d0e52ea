package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.RandomisedTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records that carry the epoch of their writer, and what becomes of ops that a fence judges. */
class FenceTest extends OpsTest {
  private static final RegisteredTable OWNED =
      new RegisteredTable(
          "owned",
          List.of(
              new RegisteredTable.Column("id", "text"),
              new RegisteredTable.Column("name", "text"),
              new RegisteredTable.Column("epoch", "bigint")),
          List.of("id"));

  @BeforeEach
  void createTable() {
    catalog.execute(Statement.of("drop table if exists owned"));
    catalog.execute(
        Statement.of(
            "create table owned (id text primary key, name text, epoch bigint not null,"
                + " op_ulid text)"));
  }

  private static ArrayNode owned(String id, String name, long epoch) {
    ArrayNode data = OpJson.MAPPER.createArrayNode();
    data.addObject().put("id", id).put("name", name).put("epoch", epoch);
    return data;
  }

  private Op write(int millis, String action, ArrayNode data) {
    return new Op(at(NOW.plusMillis(millis)), PEER, action, "owned", data, false);
  }

  private Applier applier(Fence fence) {
    return new Applier(catalog, SELF, List.of(OWNED), fence, clock, random);
  }

  private List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (Rows.Row row :
        catalog.execute(Statement.of("select id, name, epoch from owned order by id"))) {
      rows.add(row.text("id") + "=" + row.textOrNull("name") + " " + row.number("epoch"));
    }
    return rows;
  }

  @Test
  void aGreaterEpochWinsWhateverTheUlids() {
    Op late = write(9, "update", owned("a", "of the old writer", 1));
    Op early = write(1, "update", owned("a", "of the new writer", 2));
    applier(Fence.OPEN).apply(PEER, List.of(late), _ -> {});
    applier(Fence.OPEN).apply(PEER, List.of(early), _ -> {});
    assertThat(rows()).containsExactly("a=of the new writer 2");
  }

  @Test
  void aDeletionOfAnOlderEpochTakesNothingAway() {
    applier(Fence.OPEN)
        .apply(
            PEER,
            List.of(
                write(1, "update", owned("a", "new", 2)),
                write(9, "delete", owned("a", "", 1)),
                write(2, "delete", owned("b", "", 2)),
                write(8, "update", owned("b", "old", 1))),
            _ -> {});
    assertThat(rows()).containsExactly("a=new 2");
  }

  /** Whatever the order: the greatest epoch decides, and in it the greatest ulid. */
  @RandomisedTest(seeds = 5)
  void recordsWithEpochsConverge(long seed) {
    Random draw = new Random(seed);
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String action = draw.nextInt(3) == 0 ? "delete" : "update";
      String id = "k" + draw.nextInt(6);
      ops.add(write(draw.nextInt(50), action, owned(id, "v" + i, draw.nextInt(3))));
    }
    applier(Fence.OPEN).apply(PEER, ops, _ -> {});
    List<String> atOnce = rows();
    catalog.execute(Statement.of("truncate ops, tombstones, owned"));
    Collections.shuffle(ops, draw);
    ops.forEach(op -> applier(Fence.OPEN).apply(PEER, List.of(op), _ -> {}));
    assertThat(rows()).isEqualTo(atOnce);
  }

  @Test
  void whatIsNotedIsPassedOnAndWritesNothing() {
    Op op = write(1, "update", owned("a", "x", 1));
    Fence fence = (_, ops, _) -> new Fence.Verdict(List.of(), ops, List.of(), List.of());
    assertThat(applier(fence).apply(PEER, List.of(op), _ -> {}))
        .isEqualTo(new Applier.Outcome(0, 1, 0));
    assertThat(rows()).isEmpty();
    assertThat(new SweepServer(catalog, SELF).forPeer("", "https://third.example").body().text())
        .contains(op.ulid().text());
  }

  @Test
  void whatIsRefusedIsKeptAndJudgedAgain() {
    Op op = write(1, "update", owned("a", "x", 1));
    Fence refusing = (_, ops, _) -> refusal(ops.getFirst());
    assertThat(applier(refusing).apply(PEER, List.of(op), _ -> {}))
        .isEqualTo(new Applier.Outcome(0, 0, 1));
    assertThat(applier(refusing).retryFailed()).isEqualTo(new Applier.Outcome(0, 0, 1));
    assertThat(count("failed_ops where error = 'not yet' and attempts = 2")).isEqualTo(1);
    assertThat(count("ops")).isZero();
    assertThat(applier(Fence.OPEN).retryFailed()).isEqualTo(new Applier.Outcome(1, 0, 0));
    assertThat(count("failed_ops")).isZero();
    assertThat(rows()).containsExactly("a=x 1");
  }

  private static Fence.Verdict refusal(Op op) {
    SheafException reason = new SheafException(ErrorKind.CONFLICT, "not yet");
    return new Fence.Verdict(
        List.of(), List.of(), List.of(new Fence.Refusal(op, reason)), List.of());
  }

  @Test
  void anAnswerIsAnOpOfThisSiteAboveWhatItAnswers() {
    // From a clock that is ahead of ours.
    Op op = write(60_000, "update", owned("a", "theirs", 1));
    Fence fence =
        (_, ops, _) ->
            new Fence.Verdict(
                List.of(),
                ops,
                List.of(),
                List.of(
                    new OpLog.Change(
                        Action.UPDATE,
                        "owned",
                        List.of(
                            OpJson.MAPPER
                                .createObjectNode()
                                .put("id", "a")
                                .put("name", "ours")
                                .put("epoch", 2)))));
    applier(fence).apply(PEER, List.of(op), _ -> {});
    assertThat(rows()).containsExactly("a=ours 2");
    assertThat(count("ops where host = '" + SELF + "' and ulid > '" + op.ulid() + "'"))
        .isEqualTo(1);
  }
}
