package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.history.Ancestry;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.Snapshots;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the store and in the catalog once a job is done. */
class IndexedRowsTest extends IndexTest {
  private static final Path VECTORS = Path.of("../lib/bundle/src/test/resources/vectors");

  private static TestHistory small() {
    TestHistory history = new TestHistory();
    String first =
        history.commit("first", Map.of("a", "A", "empty", "", "one", "1", "dir/b", "B".repeat(99)));
    String second = history.commit("second", Map.of("a", "A2", "dir/c", "B".repeat(99)), first);
    return history.head("main", second);
  }

  @Test
  void j01ObjectsInStoreAfterJob() {
    TestHistory history = small();
    Map<String, byte[]> large =
        Map.of("large", new byte[(1 << 20) + 1], "spooled", new byte[9 << 20]);
    String tip =
        history.commitBytes("large", large, List.of(), history.commits().getLast().commitId());
    push("r", history.head("main", tip).bundle());

    assertThat(history.contents()).hasSize(7);
    history
        .contents()
        .forEach((id, bytes) -> assertThat(store.bytes(ObjectKeys.object(id))).isEqualTo(bytes));
  }

  @Test
  void j02ObjectRowsOnePerObject() {
    TestHistory history = small();
    push("r", history.bundle());

    assertThat(count("objects")).isEqualTo(history.contents().size());
    for (Rows.Row row : catalog.execute(Statement.of("select * from objects"))) {
      ContentId id = ContentId.parse(row.text("object_id"));
      byte[] bytes = history.contents().getOrDefault(id, new byte[0]);
      assertThat(row.number("size_bytes")).isEqualTo(bytes.length);
      assertThat(row.text("storage_uri")).isEqualTo("s3://memory/" + ObjectKeys.object(id));
      assertThat(row.bytesOrNull("content_cache")).isNull();
      String etag = store.head(ObjectKeys.object(id)).orElseThrow().etag();
      assertThat(row.text("etag")).isEqualTo(etag);
    }
  }

  @Test
  void anObjectThatWasInTheStoreHasNoEtag() {
    TestHistory history = small();
    ContentId there = history.contents().keySet().iterator().next();
    store.put(
        ObjectKeys.object(there),
        Content.of(history.contents().getOrDefault(there, new byte[0])),
        there,
        ObjectStore.Condition.ALWAYS,
        "text/plain");
    push("r", history.bundle());

    for (Rows.Row row : catalog.execute(Statement.of("select object_id, etag from objects"))) {
      assertThat(row.textOrNull("etag") == null)
          .isEqualTo(row.text("object_id").equals(there.hex()));
    }
  }

  @Test
  void j03ObjectRefsForEveryObject() {
    TestHistory history = small();
    push("r", history.bundle());
    assertThat(new ObjectRows(catalog).missing(repo("r").repoId(), history.contents().keySet()))
        .isEmpty();
    assertThat(count("object_refs")).isEqualTo(history.contents().size());
  }

  @Test
  void whatOnlyOthersHaveIsAsUnknownAsWhatNobodyHas() {
    TestHistory history = small();
    TestHistory naming = small();
    naming.contents().clear();
    String nowhere = errorOf("guess", naming.bundle());

    push("r", history.bundle());
    assertThat(errorOf("other", naming.bundle())).isEqualTo(nowhere);
    assertThat(nowhere)
        .startsWith(history.contents().size() + " snapshot object(s) not registered");
    assertThat(count("object_refs")).isEqualTo(history.contents().size());
  }

  private String errorOf(String repo, byte[] bundle) {
    handle(upload(repo, bundle));
    assertThat(lastJob(repo).status()).isEqualTo(Job.Status.FAILED);
    return String.valueOf(lastJob(repo).error());
  }

  /** Proven against their bytes, at the price of new ones, and no second copy is made. */
  @Test
  void objectsThatOthersHaveCostWhatNewOnesCost() {
    JsonNode first = push("r", small().bundle());
    List<String> bucket = bucket().stream().filter(key -> key.startsWith("objects/")).toList();
    JsonNode second = push("copy", small().bundle());

    assertThat(second).isEqualTo(first);
    assertThat(bucket().stream().filter(key -> key.startsWith("objects/"))).isEqualTo(bucket);
    assertThat(count("object_refs")).isEqualTo(2L * small().contents().size());
  }

  @Test
  void junkUnderTheIdOfAnObjectOfOthersIsRefusedLikeJunkUnderAnyId() {
    TestHistory junk = small();
    junk.contents().replaceAll((id, bytes) -> new byte[] {1, 2, 3});
    String nowhere = errorOf("guess", junk.bundle());
    push("r", small().bundle());
    String elsewhere = errorOf("other", junk.bundle());

    assertThat(elsewhere).contains("has other content");
    assertThat(elsewhere.replaceAll("object [0-9a-f]{64}", "object X"))
        .isEqualTo(nowhere.replaceAll("object [0-9a-f]{64}", "object X"));
    assertThat(count("object_refs")).isEqualTo(small().contents().size());
  }

  @Test
  void j04NoObjectHashInJob() {
    TestHistory history = small();
    Map<ContentId, byte[]> lies = new LinkedHashMap<>();
    history.contents().forEach((id, bytes) -> lies.put(id, new byte[] {1, 2, 3}));
    byte[] bundle =
        TestHistory.bundle(
            History.of(history.commits(), history.snapshots(), Map.of()), TestHistory.encode(lies));
    String event = upload("r", bundle);
    // A store that takes what it is given: were the job to hash, it would find out.
    ObjectStore unchecked =
        new ForwardingObjectStore(store) {
          @Override
          public PutResult put(
              String key,
              Content body,
              @Nullable ContentId sha256,
              Condition condition,
              String contentType) {
            store.plant(key, ((BytesContent) body).bytes());
            return new PutResult.Written("unchecked");
          }
        };
    index(unchecked, catalog).handle(event, () -> 600_000);

    assertThat(lastJob("r").error()).isNull();
    lies.keySet()
        .forEach(id -> assertThat(store.bytes(ObjectKeys.object(id))).containsExactly(1, 2, 3));
  }

  /** By a condition that fails the store would prove nothing, and the job would have to hash. */
  @Test
  void j04NoObjectHashInJobOfWhatOthersHave() {
    push("r", small().bundle());
    TestHistory history = small();
    history.contents().replaceAll((id, bytes) -> new byte[] {1, 2, 3});
    String event = upload("copy", history.bundle());
    ObjectStore unchecked =
        new ForwardingObjectStore(store) {
          @Override
          public PutResult put(
              String key,
              Content body,
              @Nullable ContentId sha256,
              Condition condition,
              String contentType) {
            return condition.equals(Condition.IF_ABSENT) && store.head(key).isPresent()
                ? new PutResult.ConditionFailed()
                : new PutResult.Written("unchecked");
          }
        };
    index(unchecked, catalog).handle(event, () -> 600_000);
    assertThat(lastJob("copy").error()).isNull();
  }

  @Test
  void j05GhostGuardPassesAfterJob() {
    TestHistory history = small();
    push("r", history.bundle());
    Set<ContentId> named = new HashSet<>();
    history.snapshots().forEach(snapshot -> named.addAll(snapshot.entries().values()));
    assertThat(new ObjectRows(catalog).missing(repo("r").repoId(), named)).isEmpty();
  }

  @Test
  void j06JobTwiceSameState() {
    String event = upload("r", small().bundle());
    handle(event);
    List<String> once = dump();
    List<String> bucket = bucket();
    JsonNode first = json(String.valueOf(lastJob("r").result()));

    assertThat(jobs().retry(repo("r").repoId(), lastJob("r").jobId())).isTrue();
    handle(WakeUp.of(repo("r").repoId()).body());

    assertThat(lastJob("r").status().column()).isEqualTo("done");
    assertThat(dump()).isEqualTo(once);
    assertThat(bucket()).isEqualTo(bucket);
    JsonNode second = json(String.valueOf(lastJob("r").result()));
    assertThat(second.path("requests").has("s3_put")).isFalse();
    for (String same :
        List.of("commits_written", "snapshots_written", "objects_written", "object_refs_written")) {
      assertThat(second.path(same)).as(same).isEqualTo(first.path(same));
    }
  }

  @Test
  void f05IncrementalBuildsOnWhatIsThere() {
    TestHistory history = small();
    push("r", history.bundle());
    TestHistory next = history.next();
    String tip = next.commit("third", Map.of("a", "A3"), history.commits().getLast().commitId());
    JsonNode result = push("r", next.head("main", tip).bundle());

    assertThat(result.path("commits_written").asInt()).isEqualTo(1);
    assertThat(result.path("objects_put").asInt()).isEqualTo(1);
    assertThat(new Refs(catalog).branchHeads(repo("r").repoId())).containsEntry("main", tip);
    Commit commit = new Commits(catalog).find(repo("r").repoId(), tip).orElseThrow();
    Manifest manifest = manifest("r", String.valueOf(commit.snapshotId()));
    assertThat(manifest).isEqualTo(next.manifest(String.valueOf(commit.snapshotId())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1-tiny", "v2-small", "v1-tiny-mwp", "v2-small-mwp"})
  void f01f02VectorsReadBackEqual(String name) throws IOException {
    JsonNode expected = JSON.readTree(VECTORS.resolve(name + ".expected.json").toFile());
    JsonNode result = push(name, Files.readAllBytes(VECTORS.resolve(name + ".bundle")));
    String repoId = repo(name).repoId();

    assertThat(result.path("bundle_size_bytes")).isEqualTo(expected.path("wire_bytes"));
    assertThat(result.path("manifest_entries")).isEqualTo(expected.path("manifest_entries_total"));
    List<String> commits = new ArrayList<>();
    for (JsonNode commit : expected.path("commits")) {
      String id = commit.path("commit_id").asText();
      commits.add(id);
      Commit stored = new Commits(catalog).find(repoId, id).orElseThrow();
      assertThat(stored.message()).isEqualTo(commit.path("message").asText());
      assertThat(stored.committedAt()).isEqualTo(commit.path("committed_at").asText());
      assertThat(JSON.valueToTree(stored.parentIds()).toString())
          .isEqualTo(commit.path("parent_ids").toString());
    }
    assertThat(new Ancestry(catalog).missing(repoId, commits, List.of()).size())
        .isEqualTo(commits.size());
    for (var snapshot : expected.path("snapshots").properties()) {
      Map<String, String> files = new LinkedHashMap<>();
      manifest(name, snapshot.getKey()).objects().forEach((path, id) -> files.put(path, id.hex()));
      Map<String, String> wanted = new LinkedHashMap<>();
      snapshot
          .getValue()
          .properties()
          .forEach(e -> wanted.put(e.getKey(), ContentId.parse(e.getValue().asText()).hex()));
      assertThat(files).isEqualTo(wanted);
    }
    for (var object : expected.path("objects").properties()) {
      byte[] stored = store.bytes(ObjectKeys.object(ContentId.parse(object.getKey())));
      assertThat(stored).hasSize(object.getValue().path("size_bytes").asInt());
    }
  }

  @Test
  void compressedObjectsAreStoredRaw() {
    TestHistory history = new TestHistory();
    String tip = history.commit("0", Map.of("f", "line\n".repeat(500)));
    for (int i = 1; i < 80; i++) {
      tip = history.commit("c" + i, Map.of("f", "line\n".repeat(500) + i), tip);
    }
    push("r", history.head("main", tip).bundle());
    history
        .contents()
        .forEach((id, bytes) -> assertThat(store.bytes(ObjectKeys.object(id))).isEqualTo(bytes));
  }

  @Test
  void aBundleWithoutAnythingIsDone() {
    JsonNode result = push("r", new byte[] {(byte) 0x80});
    assertThat(result.path("commits_written").asInt()).isZero();
    assertThat(result.path("object_refs_written").asInt()).isZero();
  }

  @Test
  void aBundleWithoutStoredChecksumIsHashedOnce() {
    byte[] bundle = small().bundle();
    ContentId id = Ids.object(bundle);
    String key = ObjectKeys.bundle("alice", "r", id);
    store.put(key, Content.of(bundle), null, ObjectStore.Condition.ALWAYS, "text/plain");
    handle(event(key, bundle.length, "1"));
    assertThat(lastJob("r").status().column()).isEqualTo("done");
  }

  private Manifest manifest(String repo, String snapshotId) {
    return new Snapshots(catalog).manifest(repo(repo).repoId(), snapshotId).orElseThrow();
  }
}
