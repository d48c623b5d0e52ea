package dev.sheaf.bundle.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.Vectors;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What other software found in a vector. */
final class Expected {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final JsonNode expected;

  private Expected(JsonNode expected) {
    this.expected = expected;
  }

  static Expected of(String vector) throws IOException {
    return new Expected(JSON.readTree(Vectors.resource(vector + ".expected.json")));
  }

  static BundleInspection inspect(byte[] wire, Path directory) throws IOException {
    return BundleInspection.of(
        BundleReader.spoolingTo(directory),
        new ByteArrayInputStream(wire),
        SnapshotResolver.Known.NOTHING);
  }

  static BundleVerification verify(byte[] wire, Path directory) throws IOException {
    return BundleVerification.of(
        BundleReader.spoolingTo(directory),
        new ByteArrayInputStream(wire),
        SnapshotResolver.Known.NOTHING);
  }

  /** Compares all of it, the wire included. */
  void assertSame(BundleInspection inspection) {
    JsonNode actual = JSON.valueToTree(inspection.toMap(true));
    assertThat(actual.get("bundle_key")).isEqualTo(expected.get("bundle_key"));
    assertThat(actual.get("size_bytes").asLong()).isEqualTo(expected.get("wire_bytes").asLong());
    assertSameContents(inspection);
  }

  /** Compares what the bundle says, however it is written. */
  void assertSameContents(BundleInspection inspection) {
    JsonNode actual = JSON.valueToTree(inspection.toMap(true));
    for (String counted : new String[] {"commits", "snapshots", "objects"}) {
      assertThat(actual.get(counted)).isEqualTo(expected.get("counts").get(counted));
    }
    assertThat(actual.get("branch_heads")).isEqualTo(expected.get("branch_heads"));
    assertThat(manifests(actual.get("manifests"))).isEqualTo(manifests(expected.get("snapshots")));
    assertThat(inspection.unresolved()).isEmpty();
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
}
