package dev.sheaf.bundle.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.Samples;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.Trees;
import dev.sheaf.bundle.Vectors;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.Collected;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The format scenarios of bundle.md section 10, under its names. */
final class FormatScenariosTest {
  private static final byte[] TEXT =
      "some text to compress".repeat(500).getBytes(StandardCharsets.UTF_8);
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"v1-tiny", "v1-tiny-mwp"})
  @DisplayName("F01 v1-tiny manifests equal")
  void f01(String vector) throws IOException {
    Expected.of(vector).assertSame(Expected.inspect(Vectors.bundle(vector), directory));
    assertThat(Expected.verify(Vectors.bundle(vector), directory).findings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v2-small", "v2-small-mwp"})
  @DisplayName("F02 v2-small: names that are hard to order")
  void f02(String vector) throws IOException {
    Expected.of(vector).assertSame(Expected.inspect(Vectors.bundle(vector), directory));
    assertThat(Expected.verify(Vectors.bundle(vector), directory))
        .satisfies(v -> assertThat(v.findings()).isEmpty())
        .satisfies(v -> assertThat(v.unchecked()).isEmpty());
  }

  /** The git repositories behind v3 to v5 are not kept; these histories are made here instead. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  @DisplayName("F03 generated histories, digests equal")
  void f03(long seed) throws IOException {
    Samples sample = Samples.random(Seeds.random(seed), IdDialect.PREFIXED, 300);
    BundleInspection inspection = Expected.inspect(plain(sample.history()), directory);
    assertThat(inspection.manifests().keySet()).isEqualTo(sample.manifests().keySet());
    Map<String, Integer> entries = new HashMap<>();
    sample.manifests().forEach((id, m) -> entries.put(id, m.objects().size()));
    Map<String, Integer> found = new HashMap<>();
    inspection.manifests().forEach((id, paths) -> found.put(id, paths.size()));
    assertThat(found).isEqualTo(entries);
    // Ids are digests of the manifests: verification computes them anew.
    assertThat(
            Expected.verify(plain(sample.history()), directory).findings().stream()
                .filter(finding -> !finding.contains("objects of manifests")))
        .isEmpty();
  }

  @Test
  @DisplayName("F04 shuffled order, duplicate object, unknown keys, delta_add, encoding raw")
  void f04() throws IOException {
    Map<String, @Nullable Object> bundle = Trees.of(Vectors.bundle("v1-tiny"));
    for (String section : List.of("commits", "snapshots", "objects")) {
      List<Map<String, @Nullable Object>> list = Trees.list(bundle, section);
      Collections.shuffle(list, new Random(7));
      list.forEach(record -> record.put("key from the future", List.of(1, Map.of("x", 2.5))));
    }
    for (Map<String, @Nullable Object> snapshot : Trees.list(bundle, "snapshots")) {
      snapshot.put("delta_add", snapshot.remove("delta_upsert"));
      snapshot.put("delta_upsert", null);
    }
    List<Map<String, @Nullable Object>> objects = Trees.list(bundle, "objects");
    objects.add(objects.getFirst());
    objects.forEach(object -> object.putIfAbsent("encoding", "raw"));
    Map<String, @Nullable Object> reordered = new LinkedHashMap<>();
    reordered.put("what is this", new byte[100_000]);
    List.of("objects", "branch_heads", "snapshots", "commits")
        .forEach(key -> reordered.put(key, bundle.get(key)));
    reordered.put("tags", null);

    byte[] wire = Msgpack.encode(reordered);

    Expected.of("v1-tiny").assertSameContents(Expected.inspect(wire, directory));
    assertThat(Expected.verify(wire, directory).findings()).isEmpty();
  }

  @Test
  @DisplayName("F05 incremental with external parent commit and snapshot")
  void f05() throws IOException {
    Samples sample = Samples.random(Seeds.random(5), IdDialect.PREFIXED, 40);
    History whole = sample.history();
    List<Commit> newer = whole.commits().subList(20, 40);
    List<Snapshot> deltas =
        whole.snapshots().stream()
            .filter(s -> newer.stream().anyMatch(c -> s.snapshotId().equals(c.snapshotId())))
            .filter(s -> !s.full())
            .toList();
    byte[] wire = plain(History.of(newer, deltas, whole.branchHeads()));

    assertThat(CommitOrder.parentsFirst(newer)).hasSize(20);
    BundleInspection alone = Expected.inspect(wire, directory);
    assertThat(alone.unresolved()).isNotEmpty();
    BundleInspection onTop =
        BundleInspection.of(
            BundleReader.spoolingTo(directory),
            new ByteArrayInputStream(wire),
            sample.manifests()::get);
    assertThat(onTop.unresolved()).isEmpty();
    onTop
        .manifests()
        .forEach((id, paths) ->
            assertThat(paths.keySet())
                .isEqualTo(sample.manifests().getOrDefault(id, Manifest.EMPTY).objects().keySet()));
    BundleVerification verification = Expected.verify(wire, directory);
    assertThat(verification.findings()).isEmpty();
    assertThat(verification.unchecked()).isNotEmpty();
  }

  @Test
  @DisplayName("F06 external parent missing fails")
  void f06() throws IOException {
    Map<String, @Nullable Object> bundle = Trees.of(Vectors.bundle("v1-tiny"));
    Trees.list(bundle, "snapshots").removeIf(s -> s.get("parent_snapshot_id") == null);
    assertThatThrownBy(() -> resolve(bundle))
        .isInstanceOf(SheafException.class)
        .hasMessageMatching("snapshot sha256:\\w{64} builds on sha256:\\w{64}, which is neither.*");
  }

  @Test
  @DisplayName("F07 snapshot cycle fails")
  void f07() throws IOException {
    Map<String, @Nullable Object> bundle = Trees.of(Vectors.bundle("v1-tiny"));
    List<Map<String, @Nullable Object>> snapshots = Trees.list(bundle, "snapshots");
    snapshots.stream()
        .filter(s -> s.get("parent_snapshot_id") == null)
        .forEach(s -> s.put("parent_snapshot_id", snapshots.getLast().get("snapshot_id")));
    assertThatThrownBy(() -> resolve(bundle))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("cycle");
    assertThat(Expected.verify(Msgpack.encode(bundle), directory).findings()).isNotEmpty();
  }

  @Test
  @DisplayName("F08 unknown encoding fails")
  void f08() {
    refused("unknown encoding 'lz4'", object(Map.of("content", TEXT, "encoding", "lz4")));
    refused("expected a string", object(Map.of("content", TEXT, "encoding", 1)));
  }

  @Test
  @DisplayName("F09 corrupt zstd fails")
  void f09() {
    byte[] frame = Zstd.compress(TEXT);
    byte[] cut = Arrays.copyOf(frame, frame.length - 3);
    byte[] garbage = Arrays.copyOf(frame, frame.length + 5);
    byte[] damaged = frame.clone();
    Arrays.fill(damaged, 8, frame.length, (byte) 0xff);
    for (byte[] content : List.of(cut, garbage, damaged, TEXT, new byte[0])) {
      refused("is corrupt", object(Map.of("content", content, "encoding", "zstd")));
    }
  }

  @Test
  @DisplayName("F10 zstd without content size, several frames, bomb bound")
  void f10() throws IOException {
    ByteArrayOutputStream streamed = new ByteArrayOutputStream();
    try (var zstd = new ZstdOutputStreamNoFinalizer(streamed)) {
      zstd.write(TEXT);
    }
    assertThat(Zstd.getFrameContentSize(streamed.toByteArray())).isNegative();
    assertThat(decoded(streamed.toByteArray())).isEqualTo(TEXT);

    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(Zstd.compress(Arrays.copyOf(TEXT, 1000)));
    frames.writeBytes(streamed.toByteArray());
    frames.writeBytes(Zstd.compress(new byte[0]));
    assertThat(decoded(frames.toByteArray())).hasSize(1000 + TEXT.length).endsWith(TEXT);

    byte[] bomb = Zstd.compress(new byte[(256 << 20) + 1]);
    refused("inflates from", object(Map.of("content", bomb, "encoding", "zstd")));
    ByteArrayOutputStream silent = new ByteArrayOutputStream();
    try (var zstd = new ZstdOutputStreamNoFinalizer(silent)) {
      zstd.write(new byte[(256 << 20) + 1]);
    }
    refused("inflates from", object(Map.of("content", silent.toByteArray(), "encoding", "zstd")));
  }

  @Test
  @DisplayName("F11 empty lists and empty map")
  void f11() throws IOException {
    for (Map<String, ?> bundle :
        List.of(
            Map.<String, Object>of(),
            Map.of("commits", List.of(), "snapshots", List.of(), "objects", List.of()))) {
      BundleInspection inspection = Expected.inspect(Msgpack.encode(bundle), directory);
      assertThat(inspection.commits() + inspection.snapshots() + inspection.objects()).isZero();
      assertThat(inspection.branchHeads()).isEmpty();
      assertThat(Expected.verify(Msgpack.encode(bundle), directory).findings()).isEmpty();
    }
    refused("it is empty", new byte[0]);
  }

  @Test
  @DisplayName("F12 shared snapshot counted once")
  void f12() throws IOException {
    String snapshot = Ids.snapshot(Manifest.EMPTY, IdDialect.PREFIXED);
    List<Commit> commits = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String id = Ids.commit(List.of(), snapshot, "m" + i, "t", IdDialect.PREFIXED);
      commits.add(Commit.of(id, snapshot, "m" + i, "t", List.of()));
    }
    Snapshot empty = Snapshot.full(snapshot, Manifest.EMPTY);
    BundleInspection inspection =
        Expected.inspect(plain(History.of(commits, List.of(empty, empty), Map.of())), directory);
    assertThat(inspection.snapshots()).isEqualTo(1);
    assertThat(inspection.commits()).isEqualTo(5);
  }

  @Test
  @DisplayName("F13 300 KB commit message, deep structured_delta")
  void f13() throws IOException {
    Object deep = "bottom";
    for (int i = 0; i < 60; i++) {
      deep = i % 2 == 0 ? Map.of("down", deep, "n", i) : List.of(deep);
    }
    Map<String, @Nullable Object> bundle = Trees.of(Vectors.bundle("v1-tiny"));
    Map<String, @Nullable Object> commit = Trees.list(bundle, "commits").getFirst();
    commit.put("message", "long ünï ".repeat(30_000));
    commit.put("structured_delta", deep);

    Commit read = Collected.read(Msgpack.encode(bundle), directory).known().commits().getFirst();

    assertThat(read.message()).isEqualTo(commit.get("message"));
    assertThat(read.meta().get("structured_delta")).isEqualTo(Msgpack.decode(Msgpack.encode(deep)));
  }

  @Test
  @DisplayName("F14 truncated msgpack, trailing bytes, ext type, non-string keys rejected")
  void f14() {
    byte[] wire = Vectors.bundle("v1-tiny");
    for (int length = 0; length < wire.length; length += 13) {
      refused(length == 0 ? "it is empty" : "cut short", Arrays.copyOf(wire, length));
    }
    refused("more bytes follow", Arrays.copyOf(wire, wire.length + 1));
    refused("extension type", new byte[] {(byte) 0x81, (byte) 0xa1, 'x', (byte) 0xd4, 1, 0});
    refused("expected a string, found an integer", new byte[] {(byte) 0x81, 1, 1});
    refused("expected a map, found a list", Msgpack.encode(List.of(1)));
    refused("comes twice", new byte[] {(byte) 0x82, (byte) 0xa1, 'x', 1, (byte) 0xa1, 'x', 1});
  }

  @Test
  @DisplayName("F15 full-manifest snapshots in a bundle")
  void f15() throws IOException {
    Map<String, @Nullable Object> bundle = Trees.of(Vectors.bundle("v1-tiny"));
    Map<String, Map<String, String>> manifests =
        Expected.inspect(Vectors.bundle("v1-tiny"), directory).manifests();
    for (Map<String, @Nullable Object> snapshot : Trees.list(bundle, "snapshots")) {
      snapshot.put("manifest", manifests.get(snapshot.get("snapshot_id")));
      snapshot.remove("delta_upsert");
      snapshot.put("delta_remove", null);
      snapshot.put("created_at", "2026-01-01T00:00:00+00:00");
    }
    byte[] wire = Msgpack.encode(bundle);
    Expected.of("v1-tiny").assertSameContents(Expected.inspect(wire, directory));
    assertThat(Collected.read(wire, directory).known().snapshots())
        .allMatch(Snapshot::full)
        .allMatch(s -> "2026-01-01T00:00:00+00:00".equals(s.createdAt()));
  }

  @Test
  @DisplayName("F16 str content rejected")
  void f16() {
    refused("objects[0]: expected binary, found a string", object(Map.of("content", "text")));
    refused("has no content", object(Map.of()));
  }

  private byte[] decoded(byte[] zstd) throws IOException {
    return Collected.read(object(Map.of("content", zstd, "encoding", "zstd")), directory)
        .objects()
        .values()
        .iterator()
        .next();
  }

  private void refused(String reason, byte[] wire) {
    assertThatThrownBy(() -> Collected.read(wire, directory))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(reason);
  }

  private static byte[] object(Map<String, Object> keys) {
    Map<String, Object> object = new HashMap<>(keys);
    object.put("object_id", Ids.object(TEXT).prefixed());
    return Msgpack.encode(Map.of("objects", List.of(object)));
  }

  private static void resolve(Map<String, @Nullable Object> bundle) throws IOException {
    History history = Collected.read(Msgpack.encode(bundle), Path.of(".")).known();
    SnapshotResolver.resolve(
        history.snapshots(), SnapshotResolver.Known.NOTHING, (snapshot, manifest) -> {});
  }

  private static byte[] plain(History history) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
    writer.history(history, 1);
    writer.object(WireObject.raw(Ids.object(new byte[0]), Content.of(new byte[0])));
    writer.finish();
    return out.toByteArray();
  }
}
