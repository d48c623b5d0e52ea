package dev.sheaf.cli.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplayCommandTest {
  private static final Path VECTORS = Path.of("../lib/journal/src/test/resources/vectors");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Terminal terminal = new Terminal(Map.of());

  private int run(String... arguments) {
    return terminal.run(arguments);
  }

  private Map<String, JsonNode> printed() throws IOException {
    Map<String, JsonNode> byNamespace = new HashMap<>();
    for (String text : Arrays.asList(terminal.out().split("\n"))) {
      JsonNode node = JSON.readTree(text);
      byNamespace.put(node.path("ns").asText(), node);
    }
    return byNamespace;
  }

  static List<Path> dumps() throws IOException {
    try (Stream<Path> files = Files.walk(VECTORS)) {
      return files
          .filter(file -> file.endsWith("expected.json"))
          .map(file -> file.resolveSibling(""))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("dumps")
  void printsEveryNamespaceOfADump(Path directory) throws IOException {
    int status = run("replay", "--dir", directory.toString());
    JsonNode expected = JSON.readTree(directory.resolve("expected.json").toFile());
    Map<String, JsonNode> printed = printed();
    boolean poisoned = false;
    for (Map.Entry<String, JsonNode> entry : expected.properties()) {
      JsonNode wanted = entry.getValue();
      JsonNode got = printed.getOrDefault(entry.getKey(), MissingNode.getInstance());
      if (wanted.path("coldFlushError").isNull()) {
        assertThat(got.path("state_bytes")).isEqualTo(wanted.path("stateBytes"));
        assertThat(got.path("mark")).isEqualTo(wanted.path("mark"));
        assertThat(got.path("live_segments_above_mark").asInt())
            .isEqualTo(wanted.path("liveSegmentsAboveMark").asInt());
      } else {
        poisoned = true;
        assertThat(got.path("error").asText()).contains(".metadata/" + entry.getKey() + "/");
      }
    }
    assertThat(status).isEqualTo(poisoned ? 1 : 0);
  }

  @Test
  void printsOneNamespace() throws IOException {
    Path dump = VECTORS.resolve("13-several-namespaces");
    assertThat(run("replay", "--dir", dump.toString(), "--ns", "org/repo")).isZero();
    assertThat(printed().keySet()).containsExactly("org/repo");
  }

  @Test
  void saysWhatIsNoDump() {
    assertThat(run("replay", "--dir", VECTORS.resolve("tables").toString())).isEqualTo(1);
    assertThat(terminal.err()).contains("listing.json");
  }

  /** A dump of its own: what to put under each key, and when. */
  private static void dump(Path directory, String... keysStampsBodies) throws IOException {
    ArrayNode rows = JSON.createArrayNode();
    for (int i = 0; i < keysStampsBodies.length; i += 3) {
      String key = keysStampsBodies[i];
      Path file = directory.resolve("objects").resolve(key);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, keysStampsBodies[i + 2]);
      rows.addObject()
          .put("key", key)
          .put("lastModified", keysStampsBodies[i + 1])
          .put("etag", "e" + i);
    }
    ObjectNode listing = JSON.createObjectNode();
    listing.set("objects", rows);
    Files.writeString(directory.resolve("listing.json"), listing.toString());
  }

  @Test
  void numbersNamesAndEscapesComeOutAsTheyWere(@TempDir Path directory) throws IOException {
    dump(
        directory,
        ".metadata/a/segment-1.json",
        "2026-07-04T10:00:00Z",
        "{\"OPS\":[{\"Op\":\"ScalarSet\",\"key\":\"\ud83d\ude00\",\"value\":1.50},"
            + "{\"op\":\"ScalarSet\",\"Key\":\"\uffff\",\"Value\":-0},"
            + "{\"op\":\"SetAdd\",\"Key\":\"s\",\"Member\":\"<&>\"},"
            + "{\"op\":\"SetAdd\",\"Key\":\"s\",\"Member\":{\"z\":1E5,\"a\":null}},"
            + "{\"op\":\"IntMapAdd\",\"Delta\":9223372036854775807},"
            + "{\"op\":\"IntMapAdd\",\"Delta\":1}]}");
    assertThat(run("replay", "--dir", directory.toString())).isZero();
    assertThat(printed().getOrDefault("a", MissingNode.getInstance()).path("state_bytes").asText())
        .isEqualTo(
            "{\"\":{\"null\":-9223372036854775808},"
                + "\"s\":{\"\\\"\\\\u003c\\\\u0026\\\\u003e\\\"\":true,"
                + "\"{\\\"a\\\":null,\\\"z\\\":1E5}\":true},"
                + "\"\uffff\":-0,\"\ud83d\ude00\":1.50}");
  }

  @Test
  void stampsAreInstantsInMillisecondsAndNamesBreakTies(@TempDir Path directory)
      throws IOException {
    String append = "{\"ops\":[{\"op\":\"ListAppend\",\"Key\":\"l\",\"Value\":%d}]}";
    dump(
        directory,
        ".metadata/.root/segment-b.json",
        "2026-07-04T10:00:00.1239Z",
        append.formatted(2),
        ".metadata/.root/segment-a.json",
        "2026-07-04T12:00:00.123999999+02:00",
        append.formatted(1),
        ".metadata/.root/segment-0.json",
        "2026-07-04T10:00:00.124Z",
        append.formatted(3),
        ".metadata/.json",
        "2026-07-04T09:00:00Z",
        "{\"l\":[0], \"old\" : 1.0}",
        ".metadata/.json.lock",
        "2026-07-04T09:00:00Z",
        "x");
    assertThat(run("replay", "--dir", directory.toString(), "--ns", "")).isZero();
    assertThat(terminal.out().strip())
        .isEqualTo(
            "{\"ns\":\"\",\"state_bytes\":\"{\\\"l\\\":[0,1,2,3],\\\"old\\\":1.0}\","
                + "\"mark\":{\"lm\":\"0001-01-01T00:00:00Z\",\"key\":\"\"},"
                + "\"live_segments_above_mark\":3}");
  }

  @Test
  void anEmptyNamespaceIsAnEmptyState(@TempDir Path directory) throws IOException {
    dump(directory);
    assertThat(run("replay", "--dir", directory.toString(), "--ns", "nobody")).isZero();
    assertThat(
            printed()
                .getOrDefault("nobody", MissingNode.getInstance())
                .path("state_bytes")
                .asText())
        .isEqualTo("{}");
  }
}
