package dev.sheaf.bundle.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each limit at its edge, and what is refused in the records of a bundle. */
final class BundleLimitsTest {
  /** Small enough to pass with a few bytes. */
  private static final BundleLimits SMALL =
      new BundleLimits(2, 2, 2, 100, 256, 64, 64, 50, 1000, 900, 2000, 20, 30, 128, 3);

  private static final String ID = Ids.object(new byte[0]).prefixed();
  @TempDir Path directory;

  @Test
  void counts() {
    accepted(Map.of("commits", List.of(commit("a", "m"), commit("b", "m"))));
    refused("commits: 3 entries pass the limit commits 2", Map.of("commits", List.of(1, 2, 3)));
    refused("snapshots: 3 entries pass", Map.of("snapshots", List.of(1, 2, 3)));
    refused("objects: 3 entries pass", Map.of("objects", List.of(1, 2, 3)));
  }

  @Test
  void objectSize() {
    accepted(object("content", new byte[100]));
    refused("101 bytes passes the limit objectBytes 100", object("content", new byte[101]));
  }

  @Test
  void paths() {
    accepted(manifest("x".repeat(20)));
    refused("limit pathBytes 20", manifest("x".repeat(21)));
    refused("limit pathBytes 20", manifest("ü".repeat(11)));
    refused("a path is empty", manifest(""));
    refused("a path holds the character U+0000", manifest("a\0b"));
    refused("'p' comes twice", twice("manifest", "p", ID));
    refused("snapshots[0]", twice("delta_upsert", "p", ID));
    refused(
        "U+0000",
        snapshot(Map.of("delta_remove", List.of("fine", "a\0b"), "delta_upsert", Map.of())));
  }

  @Test
  void messages() {
    accepted(Map.of("commits", List.of(commit("a", "m".repeat(30)))));
    refused(
        "commits[0]: a string of 31 bytes passes the limit messageBytes 30",
        Map.of("commits", List.of(commit("a", "m".repeat(31)))));
    refused(
        "commits[1]: message holds the character U+0000",
        Map.of("commits", List.of(commit("a", "m"), commit("b", "\0"))));
  }

  @Test
  void ids() {
    accepted(Map.of("commits", List.of(commit("ü".repeat(128), "m"))));
    refused(
        "commit_id is longer than the limit idLength 128",
        Map.of("commits", List.of(commit("ü".repeat(129), "m"))));
    refused("commit_id is missing", Map.of("commits", List.of(Map.of("message", "m"))));
    refused("snapshot_id is missing", Map.of("snapshots", List.of(Map.of())));
    refused("not a SHA-256 id: 'abc'", object("object_id", "abc"));
    refused("expected a string, found nil", object("object_id", null));
  }

  @Test
  void whatEveryCommitNeeds() {
    for (String key : List.of("commit_id", "message", "committed_at")) {
      Map<String, @Nullable Object> commit = commit("a", "m");
      commit.remove(key);
      refused("commits[0]: " + key + " is missing", Map.of("commits", List.of(commit)));
      commit.put(key, null);
      refused("commits[0]: " + key + " is missing", Map.of("commits", List.of(commit)));
      commit.put(key, 1);
      refused("expected a string, found an integer", Map.of("commits", List.of(commit)));
    }
  }

  @Test
  void nestingAndRecordSize() {
    Map<String, @Nullable Object> commit = commit("a", "m");
    commit.put("structured_delta", List.of(List.of(List.of())));
    accepted(Map.of("commits", List.of(commit)));
    commit.put("structured_delta", List.of(List.of(List.of(List.of()))));
    refused("limit nesting 3", Map.of("commits", List.of(commit)));
    commit.put("structured_delta", new byte[1000]);
    refused("limit commitBytes 900", Map.of("commits", List.of(commit)));
    refused("limit recordBytes 1000", Map.of("meta", Map.of("x", new byte[1000])));
    refused("limit commitBytes 900", Map.of("tags", List.of(Map.of("x", new byte[1000]))));
    refused("limit recordBytes 1000", snapshot(Map.of("directories", new byte[1000])));
    Map<String, String> heads = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      heads.put("branch-" + i, "c");
    }
    refused("limit recordBytes 1000", Map.of("branch_heads", heads));
  }

  /** However many records it is in, and whatever kind they are. */
  @Test
  void aHistoryIsHeldInMemoryAndBoundedAsAWhole() {
    Map<String, Object> bundle = new LinkedHashMap<>();
    bundle.put("commits", List.of(filled("a", 600), filled("b", 600)));
    accepted(bundle);
    bundle.put("meta", Map.of("x", new byte[900]));
    refused("meta: passes the limit historyBytes 2000", bundle);
    bundle.put("meta", Map.of("x", new byte[600]));
    accepted(bundle);
    bundle.put("tags", List.of(Map.of("x", new byte[100])));
    refused("tags[0]: passes the limit historyBytes 2000", bundle);
  }

  private static Map<String, @Nullable Object> filled(String id, int bytes) {
    Map<String, @Nullable Object> commit = commit(id, "m");
    commit.put("structured_delta", new byte[bytes]);
    return commit;
  }

  @Test
  void branchHeads() {
    accepted(Map.of("branch_heads", Map.of("main", "a")));
    refused("has no name or no head", Map.of("branch_heads", Map.of("", "a")));
    refused("has no name or no head", Map.of("branch_heads", Map.of("main", "")));
    refused("has no name or no head", Map.of("branch_heads", Map.of("a\0", "b")));
    refused("expected a string, found an integer", Map.of("branch_heads", Map.of("main", 1)));
  }

  @Test
  void contradictions() {
    refused(
        "commit a is in the bundle twice with different contents",
        Map.of("commits", List.of(commit("a", "m"), commit("a", "other"))));
    accepted(Map.of("commits", List.of(commit("a", "m"), commit("a", "m"))));
    Map<String, Object> one = Map.of("snapshot_id", "s", "manifest", Map.of("p", ID));
    refused(
        "snapshot s is in the bundle twice",
        Map.of("snapshots", List.of(one, Map.of("snapshot_id", "s"))));
    accepted(Map.of("snapshots", List.of(one, one)));
  }

  @Test
  void largeBodiesGoToFilesAndLeaveNoneBehind() throws IOException {
    byte[] content = new byte[100];
    Arrays.fill(content, (byte) 7);
    List<Path> spooled = new ArrayList<>();
    read(
        Msgpack.encode(object("content", content)),
        new BundleSink() {
          @Override
          public void object(ReceivedObject object) throws IOException {
            spooled.addAll(files());
            object.decode(o -> assertThat(Collected.bytes(o.content())).isEqualTo(content));
            object.close();
          }
        });
    assertThat(spooled).hasSize(1);
    assertThat(files()).isEmpty();

    byte[] wire = Msgpack.encode(object("content", content));
    assertThatThrownBy(() -> read(Arrays.copyOf(wire, wire.length - 1), new BundleSink() {}))
        .hasMessageContaining("cut short");
    assertThatThrownBy(() ->
            read(
                wire,
                new BundleSink() {
                  @Override
                  public void object(ReceivedObject object) throws IOException {
                    throw new IOException("the sink is full");
                  }
                }))
        .isInstanceOf(IOException.class)
        .hasMessage("the sink is full");
    assertThat(files()).isEmpty();
  }

  private void accepted(Map<String, ?> bundle) {
    try {
      read(Msgpack.encode(bundle), new HistoryCollector());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void refused(String reason, Map<String, ?> bundle) {
    assertThatThrownBy(() -> read(Msgpack.encode(bundle), new HistoryCollector()))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(reason);
  }

  private void read(byte[] wire, BundleSink sink) throws IOException {
    BundleReader.spoolingTo(directory).withLimits(SMALL).read(new ByteArrayInputStream(wire), sink);
  }

  private static Map<String, @Nullable Object> commit(String id, String message) {
    Map<String, @Nullable Object> commit = new HashMap<>();
    commit.put("commit_id", id);
    commit.put("message", message);
    commit.put("committed_at", "2026");
    return commit;
  }

  private static Map<String, Object> object(String key, @Nullable Object value) {
    Map<String, @Nullable Object> object = new HashMap<>();
    object.put("object_id", ID);
    object.put("content", new byte[0]);
    object.put(key, value);
    return Map.of("objects", List.of(object));
  }

  private static Map<String, Object> manifest(String path) {
    return snapshot(Map.of("manifest", Map.of(path, ID)));
  }

  private static Map<String, Object> snapshot(Map<String, Object> keys) {
    Map<String, Object> snapshot = new HashMap<>(keys);
    snapshot.put("snapshot_id", "s");
    return Map.of("snapshots", List.of(snapshot));
  }

  /** A map with one key twice, which no map in Java can be. */
  private static Map<String, Object> twice(String key, String path, String id) {
    IdentityHashMap<String, Object> entries = new IdentityHashMap<>();
    entries.put(path, id);
    entries.put(new String(path), id);
    return snapshot(Map.of(key, entries));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
