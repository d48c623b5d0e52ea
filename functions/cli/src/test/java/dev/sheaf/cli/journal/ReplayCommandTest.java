package dev.sheaf.cli.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplayCommandTest {
  private static final Path VECTORS = Path.of("../journal/src/test/resources/vectors");
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
}
