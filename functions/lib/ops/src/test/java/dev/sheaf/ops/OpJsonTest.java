package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpJsonTest {
  private static final Path VECTORS = Path.of("src/test/resources/vectors");

  /** Push bodies are compact and in the original's order of fields: byte for byte the same. */
  @Test
  void vectorsRoundTripPushBodies() throws IOException {
    List<String> lines = Files.readAllLines(VECTORS.resolve("06-push-bodies.jsonl"));
    assertThat(lines).isNotEmpty();
    for (String line : lines) {
      assertThat(OpJson.write(OpJson.read(line))).isEqualTo(line);
    }
    assertThat(OpJson.read(lines.getLast()).isTransient()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01-full-pretty", "02-full-compact", "03-after-mid", "04-gap", "05-empty"})
  void vectorsRoundTrip(String name) throws IOException {
    byte[] page = Files.readAllBytes(VECTORS.resolve(name + ".json"));
    List<JsonNode> again = new ArrayList<>();
    for (Op op : read(page)) {
      again.add(OpJson.MAPPER.readTree(OpJson.write(op)));
    }
    JsonNode wanted = OpJson.MAPPER.readTree(page);
    assertThat(again).hasSize(wanted.size());
    for (int i = 0; i < again.size(); i++) {
      assertThat(again.get(i)).isEqualTo(wanted.get(i));
    }
  }

  @Test
  void numbersStayExact() {
    String op =
        """
        {"ulid":"01KNDZV6J00000000000000001","host":"h","action":"create","table":"t",\
        "data":[{"n":9007199254740993,"f":0.10000000000000000001,"z":1.50}],"transient":false}\
        """;
    assertThat(OpJson.write(OpJson.read(op))).isEqualTo(op);
  }

  @Test
  void objectDataRejected() {
    String op =
        """
        {"ulid":"01KNDZV6J00000000000000001","host":"h","action":"create","table":"t","data":{}}
        """;
    assertThatThrownBy(() -> OpJson.read(op))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("invalid crud data");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[", "[1]", "[{}]", "nonsense", "[{\"ulid\":1}]"})
  void whatIsNoPageIsRefused(String page) {
    assertThatThrownBy(() -> read(page.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(SheafException.class);
  }

  private static List<Op> read(byte[] page) throws IOException {
    List<Op> ops = new ArrayList<>();
    OpJson.readPage(
        new ByteArrayInputStream(page),
        ops::add,
        strange -> {
          throw strange;
        });
    return ops;
  }
}
