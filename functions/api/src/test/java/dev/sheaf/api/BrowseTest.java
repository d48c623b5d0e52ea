package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people and clients look at: refs, objects, log, trees, jobs. */
class BrowseTest {
  private static ApiSite site;
  private static TestClient client;

  /** Five million bytes, in the store only. */
  private static byte[] big;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    client = site.client("gabriel/browse");
    Map<String, ContentId> files =
        Map.of(
            "README.md", TestBundle.id("readme"),
            "bin/run", TestBundle.id("run"),
            "docs/a/b.txt", TestBundle.id("b"),
            "docs/ünï codé.txt", TestBundle.id("u"));
    byte[] wire =
        new TestBundle()
            .commit("c1", List.of(), Map.of("README.md", "readme"))
            .commit("side", List.of("c1"), Map.of("README.md", "side"))
            .commit("c2", List.of("c1"), Map.of("README.md", "readme", "x", "u"))
            .commitOf("merge", List.of("c2", "side"), new Manifest(files))
            .object(TestBundle.id("run"), "run".getBytes(UTF_8))
            .object(TestBundle.id("b"), "b".getBytes(UTF_8))
            .bytes();
    client.push(wire, Map.of("main", "merge")).expect(200);
    big = new byte[5_000_000];
    new Random(3).nextBytes(big);
    store(big);
  }

  private static void store(byte[] content) {
    ContentId id = Ids.object(content);
    site.store()
        .put(
            ObjectKeys.object(id),
            Content.of(content),
            id,
            ObjectStore.Condition.IF_ABSENT,
            "application/octet-stream");
    ObjectRows rows = new ObjectRows(site.catalog());
    rows.putStored(
        List.of(new ObjectRows.Stored(id, content.length, "\"etag\"")),
        site.store().bucket(),
        Machine.CLOCK.instant());
    rows.putRefs(site.repo("gabriel/browse").repoId(), List.of(id), Machine.CLOCK.instant());
  }

  @Test
  void refsCostStatementsOnly() {
    RequestCounts counts = site.countAgain();
    Answer refs = client.get("/refs").expect(200);
    assertThat(counts.asMap()).containsExactly(Map.entry("catalog_statement", 2L));
    assertThat(refs.map("branch_heads")).containsExactly(Map.entry("main", "merge"));
    assertThat(refs.text("repo_id")).isEqualTo(site.repo("gabriel/browse").repoId());
    assertThat(refs.header("Cache-Control")).isEqualTo("no-store");
  }

  @Test
  void anObjectMayBeKeptForEver() {
    ContentId id = TestBundle.id("readme");
    Answer answer = client.get("/objects/" + id.prefixed().replace(":", "%3A")).expect(200);
    assertThat(answer.bytes()).isEqualTo("readme".getBytes(UTF_8));
    assertThat(answer.base64()).isTrue();
    assertThat(answer.headers())
        .containsEntry("ETag", '"' + id.hex() + '"')
        .containsEntry("Cache-Control", "private, max-age=31536000, immutable")
        .containsEntry("Content-Type", "application/octet-stream")
        .containsEntry("Sheaf-Object-Size", "6");
    Answer same =
        site.call(
            client
                .event("GET", "/objects/" + id.hex())
                .header("If-None-Match", "\"x\", W/\"" + id.hex() + "\""));
    same.expect(304);
    assertThat(same.rawBody()).isEmpty();
    assertThat(same.header("ETag")).isEqualTo('"' + id.hex() + '"');
    Answer other =
        site.call(client.event("GET", "/objects/" + id.hex()).header("If-None-Match", "\"x\""));
    other.expect(200);
  }

  @Test
  void unknownAndMalformedObjects() {
    client.get("/objects/" + "0".repeat(64)).expectError(404, "object_not_found");
    client.get("/objects/xyz").expectError(422, "invalid");
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 206, r, bytes 0-0/6",
    "bytes=2-3, 206, ad, bytes 2-3/6",
    "bytes=4-, 206, me, bytes 4-5/6",
    "bytes=4-100, 206, me, bytes 4-5/6",
    "bytes=-2, 206, me, bytes 4-5/6",
    "bytes=-100, 206, readme, bytes 0-5/6",
    "'bytes=0-1,3-4', 200, readme, ''",
    "bytes=3-2, 200, readme, ''",
    "lines=1-2, 200, readme, ''",
    "bytes=-, 200, readme, ''",
    "bytes=6-, 416, '', bytes */6",
    "bytes=-0, 416, '', bytes */6"
  })
  void ranges(String range, int status, String text, String contentRange) {
    GatewayEvent event =
        client.event("GET", "/objects/" + TestBundle.id("readme").hex()).header("Range", range);
    Answer answer = site.call(event).expect(status);
    assertThat(answer.header("Content-Range")).isEqualTo(contentRange);
    if (status != 416) {
      assertThat(answer.bytes()).isEqualTo(text.getBytes(UTF_8));
    }
  }

  @Test
  void anObjectThatNoFunctionMaySendIsElsewhere() {
    Answer answer = client.get("/objects/" + Ids.object(big).hex()).expect(307);
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(ApiSite.download(answer.header("Location")).body()).isEqualTo(big);
  }

  @Test
  void aPartOfItIsNot() {
    GatewayEvent event =
        client
            .event("GET", "/objects/" + Ids.object(big).hex())
            .header("Range", "bytes=1000000-4999999");
    Answer answer = site.call(event).expect(206);
    assertThat(answer.bytes()).isEqualTo(java.util.Arrays.copyOfRange(big, 1_000_000, 5_000_000));
  }

  @Test
  void headReadsNothing() {
    RequestCounts counts = site.countAgain();
    Answer answer =
        site.call(client.event("HEAD", "/objects/" + Ids.object(big).hex())).expect(200);
    assertThat(answer.rawBody()).isEmpty();
    assertThat(answer.header("Sheaf-Object-Size")).isEqualTo("5000000");
    assertThat(counts.asMap()).containsExactly(Map.entry("catalog_statement", 2L));
  }

  @Test
  void theLogIsNewestFirstAndPaged() {
    List<Object> ids = new ArrayList<>();
    String path = "/commits?branch=main&limit=2";
    Answer page = client.get(path).expect(200);
    assertThat(page.text("head")).isEqualTo("merge");
    while (true) {
      page.maps("commits").forEach(commit -> ids.add(String.valueOf(commit.get("commit_id"))));
      if (page.document().get("next") == null) {
        break;
      }
      page = client.get(path + "&before=" + page.text("next")).expect(200);
    }
    assertThat(ids).hasSize(4).startsWith("merge").endsWith("c1").contains("side", "c2");
    Map<String, ?> merge = client.get("/commits?limit=1").maps("commits").getFirst();
    assertThat(merge.get("parent_ids")).isEqualTo(List.of("c2", "side"));
    assertThat(merge.get("subject")).isEqualTo("message of merge");
    assertThat(merge.get("committed_at")).isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void logsThatAreNotThere() {
    client.get("/commits?branch=nowhere").expectError(404, "branch_not_found");
    client.get("/commits?before=nowhere").expectError(404, "commit_not_found");
    client.get("/commits?limit=0").expectError(422, "invalid");
    client.get("/commits?limit=1000000").expectError(422, "invalid");
    client.get("/commits?limit=x").expectError(422, "invalid");
    TestClient empty = site.client("gabriel/empty");
    empty.presign(new byte[1]).expect(200);
    empty.get("/commits").expectError(404, "branch_not_found");
  }

  @Test
  void aTreeIsOneDirectory() {
    Answer root = client.get("/tree/merge").expect(200);
    assertThat(root.text("type")).isEqualTo("directory");
    assertThat(root.maps("entries"))
        .extracting(e -> e.get("path"), e -> e.get("type"))
        .containsExactly(
            tuple("README.md", "file"), tuple("bin", "directory"), tuple("docs", "directory"));
    assertThat(root.maps("entries").getFirst()).containsEntry("size_bytes", 6L);
    assertThat(client.get("/tree/main?path=/docs/").expect(200).maps("entries"))
        .extracting(e -> e.get("path"))
        .containsExactly("docs/a", "docs/ünï codé.txt");
  }

  @Test
  void aFileIsItsOwnTree() {
    assertThat(client.get("/tree/merge?path=docs/a/b.txt").expect(200).document())
        .containsEntry("type", "file")
        .containsEntry("path", "docs/a/b.txt")
        .containsEntry("size_bytes", 1L)
        .doesNotContainKey("entries");
  }

  @Test
  void treesThatAreNotThere() {
    client.get("/tree/nowhere").expectError(404, "commit_not_found");
    client.get("/tree/merge?path=nowhere").expectError(404, "path_not_found");
    client.get("/tree/merge?path=READM").expectError(404, "path_not_found");
  }

  @Test
  void jobsSayHowTheyStand() {
    Answer jobs = client.get("/jobs?limit=5").expect(200);
    assertThat(jobs.maps("jobs")).hasSize(1);
    String id = String.valueOf(jobs.maps("jobs").getFirst().get("job_id"));
    Answer job = client.get("/jobs/" + id).expect(200);
    assertThat(job.document())
        .containsEntry("job_type", "bundle.index")
        .containsEntry("status", "pending")
        .containsEntry("attempt", 0L)
        .containsEntry("error", null)
        .containsEntry("result", null);
    client.get("/jobs/nowhere").expectError(404, "job_not_found");
    // It waits already: all that a retry can do is to wake whoever runs it.
    client.post("/jobs/" + id + "/retry", Map.of()).expect(200);
    assertThat(client.get("/jobs/" + id).expect(200).document()).containsEntry("status", "pending");
    assertThat(site.messages()).hasSize(1);
  }

  @Test
  void aJobThatIsOverCanBeRunAgain() {
    TestClient other = site.client("gabriel/retry");
    Answer pushed =
        other
            .push(
                new TestBundle().commit("r1", List.of(), Map.of("r", "r")).bytes(),
                Map.of("main", "r1"))
            .expect(200);
    site.execute(
        "update jobs set status = 'failed', error = 'why', result = '{\"commits_written\": 1}'"
            + " where job_id = '"
            + pushed.text("job_id")
            + "'");
    Answer failed = other.get("/jobs/" + pushed.text("job_id")).expect(200);
    assertThat(failed.text("error")).isEqualTo("why");
    assertThat(failed.map("result")).containsEntry("commits_written", 1L);
    Answer retried = other.post("/jobs/" + pushed.text("job_id") + "/retry", Map.of()).expect(200);
    assertThat(retried.text("status")).isEqualTo("pending");
    assertThat(site.messages())
        .containsExactly(
            "{\"sheaf\":\"wake-up\",\"repo_id\":\"" + site.repo("gabriel/retry").repoId() + "\"}");
    site.messages().clear();
  }

  @Test
  void filterObjectsKeepsOrderAndSpelling() {
    String unknown = "f".repeat(64);
    String known = TestBundle.id("readme").prefixed();
    List<String> asked = List.of("sha256:" + "0".repeat(64), known, unknown, unknown);
    Answer answer = client.post("/filter-objects", Map.of("object_ids", asked)).expect(200);
    assertThat(answer.document())
        .containsEntry("missing", List.of("sha256:" + "0".repeat(64), unknown));
    assertThat(client.post("/filter-objects", Map.of()).expect(200).document())
        .containsEntry("missing", List.of());
  }

  @Test
  void filterObjectsTakesFiftyThousand() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      ids.add(String.format(java.util.Locale.ROOT, "%064x", i));
    }
    RequestCounts counts = site.countAgain();
    Answer answer =
        site.call(client.event("POST", "/filter-objects").msgpack(Map.of("object_ids", ids)))
            .expect(200);
    assertThat((List<?>) answer.document().get("missing")).hasSize(50_000);
    assertThat(counts.catalog()).isLessThan(10);
    ids.add("0".repeat(64));
    site.call(client.event("POST", "/filter-objects").msgpack(Map.of("object_ids", ids)))
        .expectError(422, "invalid");
  }
}
