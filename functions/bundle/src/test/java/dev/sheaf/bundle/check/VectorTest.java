package dev.sheaf.bundle.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles of real clients, with what other software found in them. */
final class VectorTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"v1-tiny", "v1-tiny-mwp", "v2-small", "v2-small-mwp"})
  void inspectionEqualsExpectation(String name) throws IOException {
    byte[] wire = resource(name + ".bundle");
    JsonNode expected = JSON.readTree(resource(name + ".expected.json"));

    BundleInspection inspection =
        BundleInspection.of(
            BundleReader.spoolingTo(directory),
            new ByteArrayInputStream(wire),
            SnapshotResolver.Known.NOTHING);

    JsonNode actual = JSON.valueToTree(inspection.toMap(true));
    assertThat(actual.get("bundle_key")).isEqualTo(expected.get("bundle_key"));
    assertThat(actual.get("size_bytes").asLong()).isEqualTo(expected.get("wire_bytes").asLong());
    for (String counted : new String[] {"commits", "snapshots", "objects"}) {
      assertThat(actual.get(counted)).isEqualTo(expected.get("counts").get(counted));
    }
    assertThat(actual.get("branch_heads")).isEqualTo(expected.get("branch_heads"));
    assertThat(manifests(actual.get("manifests"))).isEqualTo(manifests(expected.get("snapshots")));
    assertThat(inspection.unresolved()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1-tiny", "v1-tiny-mwp", "v2-small", "v2-small-mwp"})
  void isSound(String name) throws IOException {
    BundleVerification verification =
        BundleVerification.of(
            BundleReader.spoolingTo(directory),
            new ByteArrayInputStream(resource(name + ".bundle")),
            SnapshotResolver.Known.NOTHING);

    assertThat(verification.findings()).isEmpty();
    assertThat(verification.unchecked()).isEmpty();
  }

  private static Map<String, Map<String, String>> manifests(JsonNode node) {
    Map<String, Map<String, String>> manifests = new HashMap<>();
    node.properties()
        .forEach(snapshot -> {
          Map<String, String> paths = new HashMap<>();
          snapshot
              .getValue()
              .properties()
              .forEach(e -> paths.put(e.getKey(), e.getValue().asText()));
          manifests.put(snapshot.getKey(), paths);
        });
    return manifests;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = VectorTest.class.getResourceAsStream("/vectors/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }
}
