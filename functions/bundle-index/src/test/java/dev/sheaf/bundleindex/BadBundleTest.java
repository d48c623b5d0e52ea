package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Bundles at fault: each ends its job at once with a reason that is kept, changes nothing that can
 * be read, and does not come back.
 */
class BadBundleTest extends IndexTest {
  private static final List<String> VISIBLE =
      List.of("objects", "object_refs", "snapshots", "commits", "branches");

  private static TestHistory small() {
    TestHistory history = new TestHistory();
    return history.head("main", history.commit("first", Map.of("a", "A", "b", "B".repeat(200))));
  }

  private void refused(byte[] bundle, String... reasons) {
    refusedEvent(upload("r", bundle), reasons);
  }

  private void refusedEvent(String event, String... reasons) {
    handle(event);
    Job job = lastJob("r");
    assertThat(job.status()).isEqualTo(Job.Status.FAILED);
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.error()).contains(reasons);
    VISIBLE.forEach(table -> assertThat(count(table)).as(table).isZero());
    // The lane goes on.
    TestHistory good = small();
    push("r", good.bundle());
  }

  @Test
  void f06ExternalParentMissing() {
    TestHistory first = small();
    TestHistory second = first.next();
    String missing = first.commits().getFirst().commitId();
    second.commit("second", Map.of("c", "C"), missing);
    refused(second.bundle(), "snapshot", "neither in the bundle nor in the repository");
  }

  @Test
  void f06ExternalParentCommitMissing() {
    Commit orphan = Commit.of("child", "s", "m", "2026-01-01T00:00:00Z", List.of("gone"));
    History history =
        History.of(List.of(orphan), List.of(Snapshot.full("s", Manifest.EMPTY)), Map.of());
    refused(
        TestHistory.bundle(history, List.of()),
        "commit child names parent gone",
        "neither in the bundle nor in the repository");
  }

  @Test
  void f07SnapshotCycle() {
    refused(raw(Map.of("snapshots", List.of(delta("a", "b"), delta("b", "a")))), "cycle");
  }

  private static Map<String, Object> delta(String id, String parent) {
    return Map.of("snapshot_id", id, "parent_snapshot_id", parent, "delta_upsert", Map.of());
  }

  @Test
  void commitCycle() {
    refused(raw(Map.of("commits", List.of(rawCommit("a", "b"), rawCommit("b", "a")))), "cycle");
  }

  private static Map<String, Object> rawCommit(String id, String parent) {
    return Map.of(
        "commit_id",
        id,
        "parent_commit_id",
        parent,
        "message",
        "m",
        "committed_at",
        "2026-01-01T00:00:00Z");
  }

  @Test
  void f08UnknownEncoding() {
    refused(raw(Map.of("objects", List.of(rawObject("lz4", new byte[] {1})))), "lz4");
  }

  @Test
  void f09CorruptZstd() {
    byte[] noise = new byte[100];
    Arrays.fill(noise, (byte) 7);
    refused(
        raw(Map.of("objects", List.of(rawObject("zstd", noise)))),
        Ids.object(new byte[] {1}).hex(),
        "corrupt");
  }

  private static Map<String, Object> rawObject(String encoding, byte[] content) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("object_id", Ids.object(new byte[] {1}).prefixed());
    object.put("content", content);
    object.put("encoding", encoding);
    return object;
  }

  @Test
  void f14TruncatedAndTrailing() {
    byte[] bundle = small().bundle();
    refused(Arrays.copyOf(bundle, bundle.length - 5), "cut short");
    emptyCatalog();
    refused(Arrays.copyOf(bundle, bundle.length + 1), "more bytes follow");
    emptyCatalog();
    refused("not a bundle".getBytes(StandardCharsets.UTF_8), "expected a map");
  }

  @Test
  void aLyingObjectIdIsNamed() {
    ContentId lie = Ids.object("the truth".getBytes(StandardCharsets.UTF_8));
    byte[] other = "a lie".getBytes(StandardCharsets.UTF_8);
    byte[] bundle =
        TestHistory.bundle(
            History.of(List.of(), List.of(), Map.of()),
            List.of(WireObject.raw(lie, Content.of(other))));
    // In our words, whatever the store that refused it says.
    refused(
        bundle,
        "object " + lie + " of the bundle has other content: its SHA-256 is " + Ids.object(other));
    assertThat(store.keys()).doesNotContain(ObjectKeys.object(lie));
  }

  @Test
  void ghostsAreCountedAndNamed() {
    Map<String, ContentId> files = new LinkedHashMap<>();
    for (int i = 0; i < 12; i++) {
      files.put("f" + i, Ids.object(new byte[] {(byte) i, 9}));
    }
    History history =
        History.of(List.of(), List.of(Snapshot.full("s", new Manifest(files))), Map.of());
    refused(TestHistory.bundle(history, List.of()), "12 snapshot object(s) not registered", "...");
  }

  @Test
  void otherBytesThanTheNameSays() {
    byte[] bundle = small().bundle();
    ContentId name = Ids.object(new byte[] {5});
    String key = ObjectKeys.bundle("alice", "r", name);
    store.put(key, Content.of(bundle), null, ObjectStore.Condition.ALWAYS, "text/plain");
    refusedEvent(
        event(key, bundle.length, "1"), "has other bytes than its name", Ids.object(bundle).hex());
    emptyCatalog();
    store.put(
        key, Content.of(bundle), Ids.object(bundle), ObjectStore.Condition.ALWAYS, "text/plain");
    refusedEvent(event(key, bundle.length, "2"), "has other bytes than its name");
  }

  @Test
  void anEmptyUpload() {
    String key = ObjectKeys.bundle("alice", "r", Ids.object(new byte[0]));
    store.put(
        key,
        Content.of(new byte[0]),
        Ids.object(new byte[0]),
        ObjectStore.Condition.ALWAYS,
        "text/plain");
    refusedEvent(event(key, 0, "1"), "is empty");
  }

  @Test
  void aBundleDeletedBetweenEventAndJob() {
    String event = upload("r", small().bundle());
    store.delete(store.keys());
    refusedEvent(event, "is not in the store");
  }

  @Test
  void nulInAPath() {
    Map<String, Object> snapshot =
        Map.of(
            "snapshot_id",
            "s",
            "manifest",
            Map.of("a\u0000b", Ids.object(new byte[] {1}).prefixed()));
    refused(
        raw(
            Map.of(
                "snapshots",
                List.of(snapshot),
                "objects",
                List.of(rawObject("raw", new byte[] {1})))),
        "s");
  }

  @Test
  void nulInAMessage() {
    Map<String, Object> commit = new LinkedHashMap<>(rawCommit("a", "b"));
    commit.put("message", "a\u0000b");
    commit.remove("parent_commit_id");
    refused(raw(Map.of("commits", List.of(commit))), "commits");
  }

  @Test
  void aBranchThatLeadsNowhere() {
    refused(small().head("wild", "nobody").bundle(), "nobody");
  }

  @Test
  void aChainWithoutBeginning() {
    refused(
        raw(Map.of("objects", List.of(rawObject("zstd-chain", new byte[] {1, 2, 3})))),
        "zstd-chain");
  }

  private static byte[] raw(Map<String, ?> bundle) {
    return Msgpack.encode(bundle);
  }
}
