package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntMapAdd;
import dev.sheaf.journal.Operation.IntSet;
import dev.sheaf.journal.Operation.MapDelete;
import dev.sheaf.journal.Operation.MapSet;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.Operation.SetAdd;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.journal.json.Utf8Order;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes over the wire and comes back. */
@DisplayNameGeneration(ScenarioNames.class)
class WireTest {
  private final FakeBucket bucket = new FakeBucket();
  private final Site site = new Site(bucket, "git");

  private String afterRoundTrip(Operation... ops) {
    site.apply(ops);
    Site cold = new Site(bucket, "git");
    cold.flush();
    assertThat(cold.state().toString()).isEqualTo(site.state().toString());
    return cold.state().toString();
  }

  @Test
  void wireRoundTrip() {
    Json any = JsonReader.parse("{\"a\":[1,1.50,null,true,\"<\"],\"z\":{}}");
    List<Operation> ops =
        List.of(
            new Operation.ScalarSet("k", any),
            new Operation.ScalarDelete("k"),
            new IntSet("k", Long.MIN_VALUE),
            new Operation.IntAdd("k", Long.MAX_VALUE),
            new Operation.IntMul("k", (1L << 53) + 1),
            new Operation.IntDiv("k", -1),
            new SetAdd("k", any),
            new Operation.SetRemove("k", any),
            new Operation.IntMapSet("k", any, 1),
            new IntMapAdd("k", any, -1),
            new Operation.IntMapMul("k", any, 0),
            new Operation.IntMapDiv("k", any, 7),
            new Operation.IntMapDelete("k", any),
            new MapSet("k", any, any),
            new MapDelete("k", any),
            new Operation.ListAppend("k", any));
    assertThat(ops).hasSize(Operation.class.getPermittedSubclasses().length);
    assertThat(SegmentCodec.decode(SegmentCodec.encode(ops))).isEqualTo(ops);
  }

  @Test
  @DisplayName("UUIDv7Monotonic")
  void uuidV7Monotonic() {
    Instant noon = Instant.parse("2026-07-04T12:00:00.123456789Z");
    List<Instant> clock = new ArrayList<>();
    SegmentIds ids =
        new SegmentIds(
            // It stands still, and now and then goes back.
            () -> clock.isEmpty() ? noon : noon.minusMillis(5L * (clock.size() % 3)),
            new Random(7));
    String last = "";
    for (int i = 0; i < 10_000; i++) {
      String id = ids.next();
      clock.add(noon);
      assertThat(Utf8Order.INSTANCE.compare(last, id)).isNegative();
      UUID uuid = UUID.fromString(id);
      assertThat(uuid.version()).isEqualTo(7);
      assertThat(uuid.variant()).isEqualTo(2);
      last = id;
    }
  }

  @Test
  void uuidHoldsTimeAndSequence() {
    SegmentIds ids = new SegmentIds(() -> Instant.ofEpochSecond(0x1234, 5_678_900), new Random(7));
    long high = UUID.fromString(ids.next()).getMostSignificantBits();
    assertThat(high >>> 16).isEqualTo(0x1234 * 1000L + 5);
    assertThat(high & 0xfff).isEqualTo(678_900 >> 8);
  }

  @Test
  void structKeysSurviveWire() {
    Json declared = Json.object().put("z", "z").put("a", 1).build();
    assertThat(afterRoundTrip(new MapSet("m", declared, Json.TRUE)))
        .isEqualTo("{\"m\":{\"{\\\"a\\\":1,\\\"z\\\":\\\"z\\\"}\":true}}");
    assertThat(bucket.objects.lastEntry().getValue().body())
        .asString(StandardCharsets.UTF_8)
        .contains("{\"z\":\"z\",\"a\":1}");
    assertThat(afterRoundTrip(new MapDelete("m", declared))).isEqualTo("{\"m\":{}}");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-07-04T10:00:00Z,2026-07-04T10:00:00Z",
    "2026-07-04T10:00:00.100Z,2026-07-04T10:00:00.1Z",
    "2026-07-04T10:00:00.120Z,2026-07-04T10:00:00.12Z",
    "2026-07-04T10:00:00.123Z,2026-07-04T10:00:00.123Z",
    "2026-07-04T10:00:00.000000001Z,2026-07-04T10:00:00.000000001Z"
  })
  void markTextTrimmedFraction(Instant stamp, String text) {
    assertThat(new Mark(stamp, "s").stampText()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-07-04T10:00:00.5Z",
    "2026-07-04T10:00:00.500Z",
    "2026-07-04T12:00:00.500000000+02:00",
    "2026-07-04T04:30:00.50-05:30",
    "2026-07-05T09:59:00.5000000009+23:59"
  })
  void markInstantCompareAcrossTexts(String text) {
    String body = "{\"state\":{},\"mark\":{\"lm\":\"" + text + "\",\"key\":\"segment-b\"}}";
    Mark mark = RollupCodec.decode(body.getBytes(StandardCharsets.UTF_8)).mark();
    Instant stamp = Instant.parse("2026-07-04T10:00:00.5Z");
    assertThat(mark.covers(stamp, "segment-b")).isTrue();
    assertThat(mark.covers(stamp, "segment-c")).isFalse();
    assertThat(mark.covers(stamp.minusMillis(1), "segment-c")).isTrue();
    assertThat(mark.covers(stamp.plusMillis(1), "segment-a")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "2026-07-04 10:00:00Z",
    "2026-07-04T10:00:00",
    "2026-02-30T10:00:00Z",
    "2026-07-04T24:00:00Z",
    "2026-07-04T10:00:60Z",
    "2026-07-04t10:00:00z",
    "2026-07-04T10:00:00+24:00",
    "2026-07-04T10:00:00+02:60",
    "2026-07-04T10:00:00+0200",
    "2026-07-04T10:00:00.Z",
    "''"
  })
  void markThatIsNoTimeIsRefused(String text) {
    assertThatThrownBy(() -> Rfc3339.parse(text)).isInstanceOf(JsonSyntaxException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-07-04T12:00:00.500+02:00,2026-07-04T12:00:00.5+02:00",
    "2026-07-04T10:00:00-00:00,2026-07-04T10:00:00Z",
    "2026-07-04T00:30:00.10-09:30,2026-07-04T00:30:00.1-09:30",
    "0000-01-01T00:00:00+23:59,0000-01-01T00:00:00+23:59"
  })
  void offsetOfAMarkIsKept(String read, String written) {
    String rollup = "{\"state\":{},\"mark\":{\"lm\":\"" + read + "\",\"key\":\"\"}}";
    assertThat(RollupCodec.decode(rollup.getBytes(StandardCharsets.UTF_8)).mark().stampText())
        .isEqualTo(written);
  }

  @Test
  void htmlEscapeInCanonicalKey() {
    assertThat(CanonicalKey.of(Json.of("<"))).isEqualTo("\"\\u003c\"").hasSize(8);
    assertThat(afterRoundTrip(new SetAdd("s", Json.of("https://x/?a=1&b=2"))))
        .isEqualTo("{\"s\":{\"\\\"https://x/?a=1\\\\u0026b=2\\\"\":true}}");
  }

  @Test
  void utf8MemberOrder() {
    assertThat(
            afterRoundTrip(
                new IntSet("\ud83d\ude00", 2), new IntSet("\uffff", 1), new IntSet("a", 3)))
        .isEqualTo("{\"a\":3,\"\uffff\":1,\"\ud83d\ude00\":2}");
  }

  @Test
  void numberTextPreserved() {
    Json numbers = JsonReader.parse("[1.50,1E5,-0,1e999,123456789012345678901234567890,1.0]");
    assertThat(afterRoundTrip(new ScalarSet("n", numbers)))
        .isEqualTo("{\"n\":[1.50,1E5,-0,1e999,123456789012345678901234567890,1.0]}");
  }

  @Test
  void nullKeyAndNullValue() {
    assertThat(afterRoundTrip(new MapSet("m", Json.NULL, Json.NULL)))
        .isEqualTo("{\"m\":{\"null\":null}}");
    assertThat(new SiteReads(site).mapValue("m", Json.NULL)).contains(Json.NULL);
  }

  @Test
  void whatNobodyCouldReadIsRefusedBeforeItIsWritten() {
    assertThatThrownBy(() -> site.apply(new ScalarSet("x", Json.of(Double.NaN))))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("nothing was written");
    Json deep = Json.array();
    for (int i = 0; i < JsonReader.MAX_DEPTH; i++) {
      deep = Json.array(deep);
    }
    Json tooDeep = deep;
    assertThatThrownBy(() -> site.apply(new ScalarSet("x", tooDeep)))
        .isInstanceOf(SheafException.class);
    assertThat(bucket.takeLog()).isEmpty();
    assertThat(site.state()).isEqualTo(JsonObject.EMPTY);
  }

  @Test
  void deepValuesCostNoStack() {
    String open = "[".repeat(9_000);
    Json deep = JsonReader.parse(open + "]".repeat(9_000));
    assertThat(afterRoundTrip(new ScalarSet("x", deep))).hasSize(18_000 + "{\"x\":}".length());
  }
}
