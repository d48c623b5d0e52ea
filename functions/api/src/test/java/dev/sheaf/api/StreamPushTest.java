package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.token.Scope;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the muse client sees when it pushes and clones (bundle.md section 10, of W01 to W17). */
class StreamPushTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static Answer makePublic(String repo) {
    TestClient admin = new TestClient(site, repo, site.token(Scope.ADMIN, repo));
    return admin.post("/visibility", Map.of("public", true)).expect(200);
  }

  private static Map<String, byte[]> bytes(Map<String, String> files) {
    Map<String, byte[]> bytes = new TreeMap<>();
    files.forEach((path, text) -> bytes.put(path, text.getBytes(UTF_8)));
    return bytes;
  }

  private static void assertTree(Map<String, byte[]> tree, Map<String, byte[]> expected) {
    assertThat(tree).containsOnlyKeys(expected.keySet());
    expected.forEach((path, content) -> assertThat(tree.get(path)).as(path).isEqualTo(content));
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** The bodies that the real client sent, in their order. */
  private static void replay(MuseClient client, String branch) {
    client.replay("/filter-objects", "push-" + branch + "-1-filter-objects").expect(200);
    client.replay("/push/objects", "push-" + branch + "-2-push-objects").expect(200);
    Answer pushed = client.replay("/push", "push-" + branch + "-3-push").expect(200);
    assertThat(pushed.document()).containsEntry("ok", true);
    assertThat(pushed.map("branch_heads")).containsKey(branch);
  }

  private static JsonNode expected() {
    try {
      return new ObjectMapper()
          .readTree(new File("../lib/bundle/src/test/resources/vectors/v1-tiny-mwp.expected.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void w01_push_then_clone_tree_equal() {
    MuseClient client = site.muse("w01/repo");
    replay(client, "main");
    replay(client, "feature");
    makePublic("w01/repo");

    JsonNode expected = expected();
    MuseClient reader = client.anonymous();
    expected
        .get("branch_heads")
        .properties()
        .forEach(head ->
            assertThat(reader.refs().map("branch_heads"))
                .containsEntry(head.getKey(), head.getValue().asText()));
    Map<String, Map<String, byte[]>> trees = reader.cloned();
    assertThat(trees).hasSize(expected.get("counts").get("commits").asInt());
    for (JsonNode commit : expected.get("commits")) {
      Map<String, byte[]> tree = trees.getOrDefault(commit.get("commit_id").asText(), Map.of());
      JsonNode manifest = expected.get("snapshots").get(commit.get("snapshot_id").asText());
      assertThat(tree).hasSize(manifest.size());
      manifest
          .properties()
          .forEach(entry ->
              assertThat(Ids.object(Objects.requireNonNull(tree.get(entry.getKey()))).hex())
                  .isEqualTo(entry.getValue().asText()));
    }
    // The client itself drops it.
    assertThat(trees.values())
        .anyMatch(tree -> tree.values().stream().anyMatch(b -> b.length == 0));
  }

  @Test
  void w02_second_push_up_to_date() {
    MuseClient client = site.muse("w02/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "a", "empty", ""));
    client.push(history, head).expect(200);
    // The client compares this with its own head, and stops.
    assertThat(client.refs().map("branch_heads")).containsExactly(Map.entry("main", head));

    // One whose answer was lost sends everything once more.
    client.push(history, head).expect(200);
    assertThat(client.refs().map("branch_heads")).containsExactly(Map.entry("main", head));
    assertThat(client.cloned()).containsOnlyKeys(head);
  }

  @Test
  void w03_push_new_branch_dedups() {
    MuseClient client = site.muse("w03/repo");
    MuseHistory history = new MuseHistory();
    String main = history.commit(List.of(), Map.of("a", "w03", "b", "w03 b"));
    String side = history.commit(List.of(main), Map.of("a", "w03", "b", "w03 side"));
    client.push(history, main).expect(200);
    assertThat(client.missing(history.pack(side, List.of()).objectIds()))
        .containsExactly(TestBundle.id("w03 side").hex());
    client.push(history, side, "side", false).expect(200);
    assertThat(client.refs().map("branch_heads"))
        .containsOnly(Map.entry("main", main), Map.entry("side", side));
    assertThat(client.cloned()).containsOnlyKeys(main, side);
  }

  @Test
  void w04_incremental_push_sends_delta() {
    MuseClient client = site.muse("w04/repo");
    MuseHistory history = new MuseHistory();
    String one = history.commit(List.of(), Map.of("a", "w04 1"));
    client.push(history, one).expect(200);
    String two = history.commit(List.of(one), Map.of("a", "w04 2"));
    assertThat(history.pack(two, List.of(one)).commits()).hasSize(1);
    client.push(history, two).expect(200);
    assertThat(client.cloned()).containsOnlyKeys(one, two);
  }

  @Test
  void w05_pull_fast_forward() {
    MuseClient client = site.muse("w05/repo");
    MuseHistory history = new MuseHistory();
    String one = history.commit(List.of(), Map.of("a", "w05 1", "same", "w05"));
    String two = history.commit(List.of(one), Map.of("a", "w05 2", "same", "w05"));
    client.push(history, two).expect(200);
    Answer negotiated =
        client.post("/negotiate", Map.of("want", List.of(two), "have", List.of(one))).expect(200);
    assertThat(negotiated.document())
        .containsEntry("ack", List.of(one))
        .containsEntry("common_base", one)
        .containsEntry("ready", true);
    Answer fetched = client.fetch(List.of(two), List.of(one)).expect(200);
    assertThat(fetched.maps("commits")).hasSize(1);
    assertThat(TestClient.contents(fetched)).containsKey(TestBundle.id("w05 2").hex());
  }

  @Test
  void w07_force() {
    MuseClient client = site.muse("w07/repo");
    MuseHistory history = new MuseHistory();
    String base = history.commit(List.of(), Map.of("a", "w07"));
    String ours = history.commit(List.of(base), Map.of("a", "w07 ours"));
    String theirs = history.commit(List.of(base), Map.of("a", "w07 theirs"));
    client.push(history, theirs).expect(200);
    Answer forced = client.push(history, ours, "main", true).expect(200);
    assertThat(forced.map("branch_heads")).containsEntry("main", ours);
    assertThat(forced.document()).containsEntry("remote_head", ours);
    assertThat(client.cloned()).containsOnlyKeys(base, ours);
  }

  @Test
  void w08_two_repos_same_content_both_clone() {
    MuseHistory history = new MuseHistory();
    Map<String, String> files = Map.of("a", "w08", "b", "w08 b", "empty", "");
    String head = history.commit(List.of(), files);
    for (String repo : List.of("w08/one", "w08/two")) {
      MuseClient client = site.muse(repo);
      assertThat(client.missing(history.pack(head, List.of()).objectIds())).hasSize(3);
      client.push(history, head).expect(200);
      assertTree(client.cloned().getOrDefault(head, Map.of()), bytes(files));
    }
  }

  @Test
  void w12_presigned_large_object_path() {
    MuseClient client = site.muse("w12/repo");
    MuseHistory history = new MuseHistory();
    Map<String, byte[]> files = new TreeMap<>();
    files.put("small", random(65_536, 1));
    files.put("large", random(65_537, 2));
    files.put("larger", random(9 << 20, 3));
    String head = history.commit(List.of(), files, "large", MuseHistory.NOON);
    client.push(history, head).expect(200);
    assertThat(site.keys("incoming/w12/repo/")).isEmpty();
    for (byte[] content : files.values()) {
      String id = Ids.object(content).hex();
      Answer answer =
          client.post("/presign", Map.of("object_ids", List.of(id), "direction", "get"));
      assertThat(ApiSite.download(String.valueOf(answer.map("presigned").get(id))).body())
          .isEqualTo(content);
    }
  }

  @Test
  void w13_refs_is_msgpack() {
    MuseClient client = site.muse("w13/repo");
    MuseHistory history = new MuseHistory();
    client.push(history, history.commit(List.of(), Map.of("a", "w13"))).expect(200);
    Answer refs = client.refs().expect(200);
    assertThat(refs.header("Content-Type")).isEqualTo("application/x-msgpack");
    assertThat(refs.document()).containsEntry("default_branch", "main").containsKey("repo_id");
  }

  @Test
  void w14_committed_at_round_trip() {
    MuseClient client = site.muse("w14/repo");
    MuseHistory history = new MuseHistory();
    String parent = null;
    for (String time :
        List.of(
            "2026-11-21T06:22:40+00:00",
            "2026-11-21T06:22:40.000000+00:00",
            "2026-11-21T08:22:40.332721+02:00",
            "2026-11-21T06:22:40.1234567Z")) {
      parent =
          history.commit(
              parent == null ? List.of() : List.of(parent), bytes(Map.of("a", time)), "m", time);
    }
    client.push(history, Objects.requireNonNull(parent)).expect(200);
    // Recomputes every id from what came back.
    assertThat(client.cloned()).hasSize(4);
  }

  @Test
  void w15_author_empty() {
    MuseClient client = site.muse("w15/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "w15"));
    client.push(history, head).expect(200);
    Map<String, @Nullable Object> commit =
        client.fetch(List.of(head), List.of()).expect(200).maps("commits").getFirst();
    assertThat(commit).containsEntry("author", "").containsEntry("branch", "main");
    assertThat(commit.keySet()).containsAll(history.record(head).keySet());
  }
}
