package dev.sheaf.journal;

import static dev.sheaf.journal.Vectors.bytes;
import static dev.sheaf.journal.Vectors.has;
import static dev.sheaf.journal.Vectors.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.journal.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables recorded from the original: every row, byte for byte. */
class CodecTablesTest {
  static Stream<JsonObject> canonicalKeys() {
    return Vectors.table("canonical-keys");
  }

  @ParameterizedTest
  @MethodSource("canonicalKeys")
  void canonicalKey(JsonObject row) {
    assertThat(CanonicalKey.of(JsonReader.parse(bytes(row, "inputJsonText"))))
        .isEqualTo(text(row, "stateKey"));
  }

  static Stream<JsonObject> applies() {
    return Vectors.table("apply-table");
  }

  @ParameterizedTest
  @MethodSource("applies")
  void apply(JsonObject row) {
    JsonObject before = (JsonObject) JsonReader.parse(bytes(row, "initialStateBytes"));
    State state = new State(before);
    state.apply(OperationCodec.decode(new JsonReader(bytes(row, "opBytes"))));
    assertThat(state.toJson().toString()).isEqualTo(text(row, "stateBytes"));
    assertThat(before)
        .as("the rollup below")
        .isEqualTo(JsonReader.parse(bytes(row, "initialStateBytes")));
  }

  static Stream<JsonObject> decodes() {
    return Vectors.table("decode-table");
  }

  @ParameterizedTest
  @MethodSource("decodes")
  void decode(JsonObject row) {
    byte[] body =
        has(row, "segmentBodyBase64")
            ? Base64.getDecoder().decode(text(row, "segmentBodyBase64"))
            : bytes(row, "segmentBody");
    if (!Json.TRUE.equals(row.get("accepted"))) {
      assertThatThrownBy(() -> SegmentCodec.decode(body)).isInstanceOf(JsonSyntaxException.class);
      return;
    }
    List<Operation> ops = SegmentCodec.decode(body);
    State state = new State(JsonObject.EMPTY);
    state.apply(ops);
    assertThat(state.toJson().toString()).isEqualTo(text(row, "stateBytes"));
    assertThat(ops).hasSize(has(row, "ops") ? (int) Integers.of(row.get("ops")) : 0);
    assertThat(SegmentCodec.decode(SegmentCodec.encode(ops))).isEqualTo(ops);
  }

  static Stream<JsonObject> legacies() {
    return Vectors.table("legacy-table");
  }

  @ParameterizedTest
  @MethodSource("legacies")
  void legacy(JsonObject row) {
    byte[] seed = RollupCodec.seed(Optional.of(bytes(row, "body")));
    // Where the original fails on its own seed, its design says: as if the object were absent.
    String wanted =
        has(row, "flushError")
            ? "{\"state\":{},\"mark\":{\"lm\":\"0001-01-01T00:00:00Z\",\"key\":\"\"}}"
            : text(row, "rollupAfter");
    assertThat(new String(seed, StandardCharsets.UTF_8)).isEqualTo(wanted);
    if (!has(row, "flushError")) {
      assertThat(RollupCodec.decode(seed).state().toString()).isEqualTo(text(row, "stateBytes"));
    }
  }

  static Stream<JsonObject> rollups() {
    return Vectors.table("rollup-table");
  }

  @ParameterizedTest
  @MethodSource("rollups")
  void rollup(JsonObject row) {
    byte[] body = bytes(row, "body");
    if (has(row, "flushError")) {
      assertThatThrownBy(() -> RollupCodec.decode(body)).isInstanceOf(JsonSyntaxException.class);
    } else {
      assertThat(RollupCodec.decode(body).state().toString()).isEqualTo(text(row, "stateBytes"));
    }
  }

  static Stream<JsonObject> encodings() {
    return Vectors.table("segment-encodings");
  }

  /** Sorted bodies come back from a round trip as they were; the others are built below. */
  @ParameterizedTest
  @MethodSource("encodings")
  void encodingIsReadBack(JsonObject row) {
    byte[] body = bytes(row, "segmentBytes");
    List<Operation> ops = SegmentCodec.decode(body);
    assertThat(SegmentCodec.decode(SegmentCodec.encode(ops))).isEqualTo(ops);
  }

  @Test
  void encodings_builtFromNativeValues() {
    assertThat(
            encodings()
                .map(row -> text(row, "segmentBytes"))
                .filter(wanted -> !BUILT.contains(wanted))
                .toList())
        .isEmpty();
  }

  private static String encode(Operation... ops) {
    return new String(SegmentCodec.encode(List.of(ops)), StandardCharsets.UTF_8);
  }

  private static Operation f(double value) {
    return new Operation.ScalarSet("f", Json.of(value));
  }

  private static final List<String> BUILT =
      List.of(
          encode(),
          encode(
              new Operation.ScalarSet(
                  "s", Json.of("a<b>&\u2028\"\\/\u00e9\ud83d\ude00\b\f\u0001\u007f"))),
          encode(new Operation.ScalarSet("s", Json.of("a\ud800b"))),
          encode(new Operation.SetAdd("s", Json.object().put("z", "z").put("a", 1).build())),
          encode(new Operation.SetAdd("s", Json.of(42))),
          encode(new Operation.SetAdd("s", Json.TRUE), new Operation.SetAdd("s", Json.NULL)),
          encode(
              f(1.0),
              f(0.1),
              f(1e21),
              f(1e20),
              f(1e-6),
              f(1e-7),
              f(0),
              f(Double.MAX_VALUE),
              f(0.1)),
          encode(
              new Operation.ScalarSet("b", Json.of("aGk=")),
              new Operation.ScalarSet("t", Json.of("2026-07-04T10:00:00.12Z"))),
          encode(
              new Operation.IntSet("i", Long.MIN_VALUE),
              new Operation.IntAdd("i", Long.MAX_VALUE),
              new Operation.IntMapSet("m", Json.of(9007199254740993L), 9007199254740993L)),
          encode(
              new Operation.ScalarSet(
                  "m",
                  Json.object()
                      .put("a", Json.array(Json.NULL, Json.object().build()))
                      .put("b", 1)
                      .put("\uffff", 1)
                      .put("\ud83d\ude00", 2)
                      .build())));

  @Test
  void doublesInFewestDigits() {
    assertThat(
            Stream.of(Double.MIN_VALUE, 2 * Double.MIN_VALUE, -0.0, -1.5e-9, 123456789.125, 5e22)
                .map(d -> JsonWriter.text(Json.of(d))))
        .containsExactly("5e-324", "1e-323", "-0", "-1.5e-9", "123456789.125", "5e+22");
  }
}
