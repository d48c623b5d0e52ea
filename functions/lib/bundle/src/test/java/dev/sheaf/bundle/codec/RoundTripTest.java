package dev.sheaf.bundle.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Samples;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.Vectors;
import dev.sheaf.bundle.check.BundleVerification;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the writer writes, the reader reads: all of it. */
final class RoundTripTest {
  @TempDir Path directory;

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void everythingComesBack(long seed) throws IOException {
    for (IdDialect dialect : IdDialect.values()) {
      Samples sample = Samples.random(Seeds.random(seed), dialect);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BundleSummary written = write(sample, BundleWriter.to(out, dialect));

      byte[] wire = out.toByteArray();
      assertThat(written.sha256()).isEqualTo(Ids.object(wire));
      assertThat(written.sizeBytes()).isEqualTo(wire.length);
      assertSame(sample, wire);
    }
  }

  /** Vectors survive being read and written: unknown keys, tags and all. */
  @ParameterizedTest
  @MethodSource("dev.sheaf.bundle.Vectors#names")
  void vectorsSurvive(String name) throws IOException {
    Collected original = Collected.read(Vectors.bundle(name), directory);
    History history = original.known();
    IdDialect dialect = IdDialect.of(history.commits().getFirst().commitId());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(out, dialect);
    writer.history(history, original.objects().size());
    for (Map.Entry<ContentId, byte[]> object : original.objects().entrySet()) {
      writer.object(WireObject.raw(object.getKey(), Content.of(object.getValue())));
    }
    writer.finish();

    Collected again = Collected.read(out.toByteArray(), directory);

    assertThat(again.known().commits()).isEqualTo(history.commits());
    assertThat(again.known().snapshots()).containsExactlyInAnyOrderElementsOf(history.snapshots());
    assertThat(again.known().branchHeads()).isEqualTo(history.branchHeads());
    assertThat(again.known().tags()).isEqualTo(history.tags());
    assertThat(again.known().meta()).isEqualTo(history.meta());
    assertObjects(again.objects(), original.objects());
  }

  private BundleSummary write(Samples sample, BundleWriter writer) throws IOException {
    try (ObjectEncoder encoder = new ObjectEncoder(ObjectEncoder.DEFAULT_LEVEL, directory)) {
      writer.history(sample.history(), sample.objects().size());
      for (Map.Entry<ContentId, byte[]> object : sample.objects().entrySet()) {
        RawObject raw = new RawObject(object.getKey(), Content.of(object.getValue()), null);
        writer.object(encoder.encode(raw));
      }
      return writer.finish();
    }
  }

  private void assertSame(Samples sample, byte[] wire) throws IOException {
    Collected read = Collected.read(wire, directory);
    assertThat(read.known().commits()).isEqualTo(sample.history().commits());
    assertThat(read.known().snapshots())
        .containsExactlyInAnyOrderElementsOf(sample.history().snapshots());
    assertThat(read.known().branchHeads()).isEqualTo(sample.history().branchHeads());
    assertThat(read.known().meta()).isEqualTo(sample.history().meta());
    assertObjects(read.objects(), sample.objects());
    assertManifests(read.known(), sample.manifests());
    BundleVerification verification =
        BundleVerification.of(
            BundleReader.spoolingTo(directory),
            new ByteArrayInputStream(wire),
            SnapshotResolver.Known.NOTHING);
    assertThat(verification.findings()).isEmpty();
  }

  private static void assertManifests(History history, Map<String, Manifest> expected)
      throws IOException {
    Map<String, Manifest> resolved = new HashMap<>();
    SnapshotResolver.resolve(
        history.snapshots(),
        SnapshotResolver.Known.NOTHING,
        (snapshot, manifest) -> {
          Manifest copy = new Manifest(Map.copyOf(manifest.objects()));
          assertThat(resolved.put(snapshot.snapshotId(), copy)).isNull();
        });
    assertThat(resolved).isEqualTo(expected);
  }

  private static void assertObjects(
      Map<ContentId, byte[]> actual, Map<ContentId, byte[]> expected) {
    assertThat(new HashSet<>(actual.keySet())).isEqualTo(new HashSet<>(expected.keySet()));
    expected.forEach((id, bytes) -> assertThat(actual.get(id)).isEqualTo(bytes));
  }
}
