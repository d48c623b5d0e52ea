package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.counting.RequestCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a stream push leaves in the bucket and the catalog, and what it costs. */
class StreamOutcomeTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  /** The bucket is the truth: the bundles of a clone plan hold what pushes brought, to the byte. */
  @Test
  void storedBundlesTellEverything() {
    MuseClient client = site.muse("truth/repo");
    MuseHistory history = new MuseHistory();
    String one = history.commit(List.of(), Map.of("a", "truth 1", "empty", "", "b", "same"));
    String two = history.commit(List.of(one), Map.of("a", "truth 2", "empty", "", "c", "same"));
    client.push(history, one).expect(200);
    client.push(history, two).expect(200);

    TestClient copy = site.client("truth/copy");
    TestClient reader = new TestClient(site, "truth/repo", Objects.requireNonNull(client.token()));
    Answer plan = reader.post("/clone-plan", Map.of("want", List.of(two), "have", List.of()));
    assertThat(plan.expect(200).maps("bundles")).hasSize(2);
    for (Map<String, ?> bundle : plan.maps("bundles")) {
      copy.push(ApiSite.download(String.valueOf(bundle.get("url"))).body(), Map.of()).expect(200);
    }
    assertThat(copy.heads()).containsExactly(Map.entry("main", two));
    Map<String, Map<String, byte[]>> trees =
        new MuseClient(site, "truth/copy", copy.token()).cloned();
    assertThat(trees).containsOnlyKeys(one, two);
    trees.forEach((commit, tree) -> assertThat(tree).hasSize(3));
  }

  @Test
  void noWorkerHasAnythingLeftToDo() {
    MuseClient client = site.muse("done/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "done"));
    client.push(history, head).expect(200);
    assertThat(site.objectRow(TestBundle.id("done")).flag("cached")).isFalse();
    TestClient reader = new TestClient(site, "done/repo", Objects.requireNonNull(client.token()));
    List<?> before = reader.get("/jobs").maps("jobs");
    assertThat(before)
        .singleElement()
        .satisfies(job -> assertThat(((Map<?, ?>) job).get("status")).isEqualTo("done"));

    String key = site.keys("bundles/done/repo/").getFirst();
    ContentId bundle = ContentId.parse(key.substring(key.lastIndexOf('/') + 1));
    site.uploadEvent("done/repo", bundle, site.stored(key).length);
    assertThat(reader.get("/jobs").maps("jobs")).isEqualTo(before);
    assertThat(client.cloned()).containsOnlyKeys(head);
  }

  @Test
  void negotiationFindsTheNewestSharedCommit() {
    MuseClient client = site.muse("negotiate/repo");
    MuseHistory history = new MuseHistory();
    List<String> line = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      line.add(
          history.commit(n == 0 ? List.of() : List.of(line.getLast()), Map.of("a", "line " + n)));
    }
    String side = history.commit(List.of(line.get(1)), Map.of("a", "side"));
    client.push(history, line.getLast()).expect(200);
    client.push(history, side, "side", false).expect(200);

    List<String> want = List.of(line.getLast());
    assertThat(negotiate(client, want, List.of("unknown", line.get(0), line.get(3), side)))
        .containsEntry("ack", List.of(line.get(0), line.get(3), side))
        .containsEntry("common_base", line.get(3))
        .containsEntry("ready", true);
    assertThat(negotiate(client, want, List.of(side)))
        .containsEntry("ack", List.of(side))
        .containsEntry("common_base", null)
        .containsEntry("ready", false);
    assertThat(negotiate(client, want, List.of("unknown"))).containsEntry("ready", false);
    assertThat(negotiate(client, want, List.of()))
        .containsEntry("common_base", null)
        .containsEntry("ready", true);
    RequestCounts counts = site.countAgain();
    negotiate(client, want, List.of(line.get(0), side));
    // The repository, both lists, one page of parents.
    assertThat(counts.asMap()).containsExactly(Map.entry("catalog_statement", 4L));
  }

  private static Map<String, @Nullable Object> negotiate(
      MuseClient client, List<String> want, List<String> have) {
    return client.post("/negotiate", Map.of("want", want, "have", have)).expect(200).document();
  }

  @Test
  void tagsAreKeptInTheBucket() {
    MuseClient client = site.muse("tags/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "tags"));
    client.push(history, head).expect(200);
    Map<String, Object> tag = new LinkedHashMap<>();
    tag.put("tag_id", "t1");
    tag.put("repo_id", "r");
    tag.put("commit_id", head);
    tag.put("tag", "emotion:joyful");
    tag.put("created_at", MuseHistory.NOON);
    assertThat(client.post("/tags", Map.of("tags", List.of(tag))).expect(200).document())
        .containsEntry("stored", 1L);
    assertThat(site.keys("bundles/tags/repo/"))
        .anySatisfy(
            key -> assertThat(new String(site.stored(key), UTF_8)).contains("emotion:joyful"));
    client.post("/tags", Map.of("tags", List.of())).expect(200);
    tag.put("commit_id", "unknown");
    client.post("/tags", Map.of("tags", List.of(tag))).expectError(422, "invalid");
    assertThat(site.keys("bundles/tags/repo/")).hasSize(2);
    assertThat(client.cloned()).containsOnlyKeys(head);
  }

  @Test
  void everyRequestIsCounted() {
    MuseClient client = site.muse("count/repo");
    MuseHistory history = new MuseHistory();
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int n = 0; n < 5; n++) {
      files.put("f" + n, ("count " + n).getBytes(UTF_8));
    }
    MuseHistory.Pack pack =
        history.pack(history.commit(List.of(), files, "m", MuseHistory.NOON), List.of());
    client.refs();

    RequestCounts filter = site.countAgain();
    client.missing(pack.objectIds());
    // The repository, made by the first request; what it lacks.
    assertThat(filter.asMap()).containsExactly(Map.entry("catalog_statement", 2L));

    RequestCounts objects = site.countAgain();
    client.sendObjects(history, pack.objectIds());
    assertThat(objects.asMap())
        .containsOnly(Map.entry("s3_put", 5L), Map.entry("catalog_statement", 2L));

    RequestCounts presign = site.countAgain();
    client.post("/presign", Map.of("object_ids", pack.objectIds())).expect(200);
    assertThat(presign.asMap()).containsExactly(Map.entry("catalog_statement", 1L));

    RequestCounts push = site.countAgain();
    client.pushPack(pack, "main", false).expect(200);
    assertThat(push.asMap())
        .containsEntry("s3_head", 5L)
        .containsEntry("s3_get", 5L)
        // The objects, and the bundle.
        .containsEntry("s3_put", 6L)
        .containsEntry("s3_delete", 1L)
        .containsEntry("catalog_begin", 1L)
        .containsEntry("catalog_commit", 1L)
        .containsEntry("catalog_statement", 9L)
        .hasSize(7);
  }
}
