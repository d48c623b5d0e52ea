package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ops of a hostile peer that are JSON, and fit neither into a record nor among those that failed.
 */
class UnfitOpsTest extends OpsTest {
  /** What is wrong with an op, and what is said of it. */
  @SuppressWarnings("ImmutableEnumChecker") // values are texts and numbers
  enum Fault {
    TEN_MEGABYTES("were left out: they take 104", "name", "x".repeat(10 << 20)),
    A_KEY_OF_A_MEGABYTE("were left out: they take 10", "id", "k".repeat(1 << 20)),
    A_KEY_TOO_LONG_FOR_AN_INDEX("the key of a record", "id", randomText(3_000)),
    A_KEY_OF_MANY_BYTES("the key of a record", "id", "\u20ac".repeat(1_000)),
    NUL_IN_THE_KEY("", "id", "a\0b"),
    NUL("", "name", "a\0b"),
    TOO_GREAT_A_NUMBER("", "size", new BigDecimal("1e200000")),
    NO_NUMBER("", "size", "many");

    private final String said;
    private final String field;
    private final Object value;

    Fault(String said, String field, Object value) {
      this.said = said;
      this.field = field;
      this.value = value;
    }

    ArrayNode data() {
      ArrayNode data = OpsTest.data("bad");
      ObjectNode record = (ObjectNode) data.get(0);
      if (value instanceof BigDecimal number) {
        record.put(field, number);
      } else {
        record.put(field, value.toString());
      }
      return data;
    }

    private static String randomText(int length) {
      return new java.util.Random(1)
          .ints(length, 'a', 'z')
          .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
          .toString();
    }
  }

  private SweepClient.Tick tick(List<Op> ops) throws IOException {
    SweepClient client = new SweepClient(catalog, applier(catalog), List.of(THINGS), clock);
    return client.tick(new ScriptedPeer().page(ops), () -> true);
  }

  private List<String> errors() {
    List<String> errors = new ArrayList<>();
    catalog
        .execute(Statement.of("select error from failed_ops order by ulid"))
        .forEach(row -> errors.add(row.text("error")));
    return errors;
  }

  @ParameterizedTest
  @EnumSource
  void itIsKeptAndWhatIsBesideItApplied(Fault fault) throws IOException {
    Op before = op(at(NOW.minusSeconds(9)), "create", data("before"));
    Op bad = op(at(NOW.minusSeconds(8)), "create", fault.data());
    Op after = op(at(NOW.minusSeconds(7)), "create", data("after"));
    SweepClient.Tick tick = tick(List.of(before, bad, after));
    assertThat(tick.failed()).isEqualTo(1);
    assertThat(Cursors.of(catalog, PEER).cursor()).isEqualTo(Optional.of(after.ulid()));
    assertThat(things(catalog).toString()).contains("before=", "after=");
    assertThat(errors()).hasSize(1).allMatch(error -> error.contains(fault.said));
    // Tried again, it is kept as it was.
    applier(catalog).retryFailed();
    assertThat(errors()).hasSize(1);
  }

  @Test
  void whatHasNoPlaceForItsNamesIsKept() throws IOException {
    String endless = "https://" + "h".repeat(1 << 20);
    Op good = op(at(NOW.minusSeconds(5)), "create", data("good"));
    List<Op> ops =
        List.of(
            new Op(at(NOW.minusSeconds(9)), endless, "create", "things", data("a"), false),
            new Op(at(NOW.minusSeconds(8)), PEER, "a".repeat(9_000), "things", data("b"), false),
            new Op(at(NOW.minusSeconds(7)), PEER, "create", "t".repeat(9_000), data("c"), false),
            new Op(at(NOW.minusSeconds(6)), "https://a\0b", "create", "things", data("d"), false),
            good);
    assertThat(tick(ops).failed()).isEqualTo(4);
    assertThat(errors()).hasSize(4);
    assertThat(things(catalog)).hasSize(1);
    assertThat(applier(catalog).retryFailed().applied()).isZero();
    assertThat(errors()).hasSize(4);
  }

  /** Among many, so that halves are tried, and those are many, too. */
  @Test
  void manyAreNotInTheWayOfManyOthers() throws IOException {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Fault fault = Fault.values()[2 + i % 4];
      boolean isBad = i % 7 == 3;
      ArrayNode data = isBad ? fault.data() : data("o" + i);
      ops.add(op(at(NOW.minusSeconds(100 - i)), "create", data));
    }
    assertThat(tick(ops).failed()).isEqualTo(9);
    assertThat(things(catalog)).hasSize(51);
    assertThat(errors()).hasSize(9);
  }

  /** Its records fit into no row of the Data API: they are read again in pieces. */
  @Test
  void aLargeOpIsTriedAgainLikeAnyOther() throws IOException {
    ArrayNode data = OpJson.MAPPER.createArrayNode();
    for (int i = 0; i < 2_000; i++) {
      data.add(record("k" + i).put("name", "\u20ac".repeat(60)));
    }
    Op large = new Op(at(NOW.minusSeconds(9)), PEER, "create", "absent", data, false);
    assertThat(tick(List.of(large)).failed()).isEqualTo(1);
    catalog.execute(Statement.of("update failed_ops set \"table\" = 'things'"));
    FailedOps waiting = new FailedOps(catalog);
    assertThat(waiting.waiting()).isEqualTo(1);
    Applier.Outcome again = applier(catalog).retryFailed();
    assertThat(again).as(errors().toString()).isEqualTo(new Applier.Outcome(1, 0, 0));
    assertThat(waiting.waiting()).isZero();
    assertThat(count("things where name = repeat('\u20ac', 60)")).isEqualTo(2_000);
  }

  /** Whoever runs the site ends what would be tried for ever. */
  @Test
  void whatCanNeverBeAppliedIsGivenUpByItsName() throws IOException {
    Op ancient = op(new Ulid("01DXYZ00000000000000000000"), "create", data("a"));
    Op strange = new Op(at(NOW.minusSeconds(8)), PEER, "create", "absent", data("b"), false);
    assertThat(tick(List.of(ancient, strange)).failed()).isEqualTo(2);
    FailedOps waiting = new FailedOps(catalog);
    assertThat(waiting.drop(ancient.ulid())).isTrue();
    assertThat(waiting.drop(ancient.ulid())).isFalse();
    assertThat(waiting.waiting()).isEqualTo(1);
    assertThat(waiting.dropAll()).isEqualTo(1);
    assertThat(waiting.waiting()).isZero();
  }
}
