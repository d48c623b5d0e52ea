package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.storage.counting.RequestCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a stream push may name, and how much of it. */
class StreamGuardTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  /** A push of one commit whose objects nobody has sent. */
  private static Answer pushNaming(MuseClient client, String... contents) {
    MuseHistory history = new MuseHistory();
    Map<String, String> files = new LinkedHashMap<>();
    for (String content : contents) {
      files.put("f" + files.size(), content);
    }
    return client.pushPack(
        history.pack(history.commit(List.of(), files), List.of()), "main", false);
  }

  /** R1.7: what a bundle brought is there for the push that follows, job or no job. */
  @Test
  void aStreamPushRightAfterABundlePushPassesTheGuard() {
    for (boolean jobFirst : List.of(false, true)) {
      String repo = "r17/job-" + jobFirst;
      TestClient bundles = site.client(repo);
      Map<String, String> files = Map.of("a", "r17 a", "empty", "", "b", "r17 b");
      bundles
          .push(new TestBundle().commit("c1", List.of(), files).bytes(), Map.of("main", "c1"))
          .expect(200);
      if (jobFirst) {
        site.runJobs(repo);
      }
      MuseClient client = new MuseClient(site, repo, bundles.token());
      MuseHistory history = new MuseHistory();
      String head = history.commit(List.of("c1"), files);
      MuseHistory.Pack pack = history.pack(head, List.of());
      assertThat(client.missing(pack.objectIds())).isEmpty();
      client.pushPack(pack, "main", false).expect(200);
      assertThat(client.fetch(List.of(head), List.of()).expect(200).maps("commits")).hasSize(2);
    }
  }

  @Test
  void anIdThatTheRepositoryNeverSentIsRefusedWhetherOthersHaveItOrNot() {
    MuseClient owner = site.muse("secret/repo");
    MuseHistory history = new MuseHistory();
    owner.push(history, history.commit(List.of(), Map.of("a", "a secret"))).expect(200);

    MuseClient mallory = site.muse("mallory/repo");
    String known = TestBundle.id("a secret").hex();
    String unknown = TestBundle.id("nobody has this").hex();
    assertThat(mallory.missing(List.of(known, unknown))).containsExactly(known, unknown);
    RequestCounts guessing = site.countAgain();
    Answer guessed = pushNaming(mallory, "a secret").expectError(422, "invalid");
    RequestCounts inventing = site.countAgain();
    Answer invented = pushNaming(mallory, "nobody has this").expectError(422, "invalid");
    assertThat(guessed.detail().replace(known, "ID"))
        .isEqualTo(invented.detail().replace(unknown, "ID"));
    assertThat(guessed.detail()).contains("1 snapshot object(s) not registered");
    assertThat(guessing.asMap()).isEqualTo(inventing.asMap());
    mallory
        .post("/presign", Map.of("object_ids", List.of(known), "direction", "get"))
        .expect(200)
        .map("presigned")
        .forEach((id, url) -> assertThat(url).as(id).isNull());
    site.call(GatewayEvent.of("GET", "/mallory/repo/objects/" + known).token(mallory.token()))
        .expectError(404, "object_not_found");
    assertThat(site.keys("bundles/mallory/repo/")).isEmpty();

    String[] many = IntStream.range(0, 12).mapToObj(n -> "ghost " + n).toArray(String[]::new);
    assertThat(pushNaming(mallory, many).expectError(422, "invalid").detail())
        .contains("12 snapshot object(s) not registered", "...");
  }

  @Test
  void whatOneRepositoryWasSentDoesNotCountForAnother() {
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "sent to one"));
    MuseHistory.Pack pack = history.pack(head, List.of());
    MuseClient one = site.muse("incoming/one");
    one.sendObjects(history, pack.objectIds());
    MuseClient two = site.muse("incoming/two");
    two.pushPack(pack, "main", false).expectError(422, "invalid");
    // Before its push nobody reads it, not even who sent it.
    site.call(
            GatewayEvent.of("GET", "/incoming/one/objects/" + pack.objectIds().getFirst())
                .token(one.token()))
        .expectError(404, "object_not_found");
    one.pushPack(pack, "main", false).expect(200);
  }

  @Test
  void otherBytesUnderAnIdAreRefusedAndTheRightOnesTakenAfterwards() {
    byte[] secret = "x".repeat(70_000).getBytes(UTF_8);
    String id = Ids.object(secret).hex();
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", secret), "m", MuseHistory.NOON);
    MuseClient owner = site.muse("junk/owner");
    owner.push(history, head).expect(200);

    MuseClient client = site.muse("junk/repo");
    Map<String, ?> urls =
        client.post("/presign", Map.of("object_ids", List.of(id))).expect(200).map("presigned");
    MuseHistory.Pack pack = history.pack(head, List.of());
    for (byte[] junk : List.of("y".repeat(70_000).getBytes(UTF_8), new byte[0])) {
      assertThat(MuseClient.upload(urls.get(id), junk)).isEqualTo(200);
      Answer refused = client.pushPack(pack, "main", false).expectError(422, "invalid");
      assertThat(refused.detail()).contains(id);
      assertThat(client.refs().map("branch_heads")).isEmpty();
      assertThat(site.keys("bundles/junk/repo/")).isEmpty();
    }
    assertThat(site.stored(ObjectKeys.object(ContentId.parse(id)))).isEqualTo(secret);
    assertThat(MuseClient.upload(urls.get(id), secret)).isEqualTo(200);
    client.pushPack(pack, "main", false).expect(200);
    assertThat(site.keys("incoming/junk/repo/")).isEmpty();
  }

  @Test
  void theHeadIsTheOneCommitThatNoOtherNames() {
    MuseClient client = site.muse("head/repo");
    MuseHistory history = new MuseHistory();
    String base = history.commit(List.of(), Map.of("a", "head"));
    String side = history.commit(List.of(base), Map.of("a", "head side"));
    String merge = history.commit(List.of(base, side), Map.of("a", "head merged"));
    client.sendObjects(history, history.pack(merge, List.of()).objectIds());
    MuseHistory.Pack pack = history.pack(merge, List.of());
    List<Map<String, Object>> sideLast = new ArrayList<>();
    pack.commits().forEach(commit -> sideLast.add(new LinkedHashMap<>(commit)));
    sideLast.sort((a, b) ->
        Boolean.compare(side.equals(a.get("commit_id")), side.equals(b.get("commit_id"))));
    MuseHistory.Pack shuffled =
        new MuseHistory.Pack(List.copyOf(sideLast), pack.snapshots(), pack.objectIds());
    assertThat(client.pushPack(shuffled, "main", false).expect(200).document())
        .containsEntry("remote_head", merge);

    String other = history.commit(List.of(base), Map.of("a", "head other"));
    MuseHistory.Pack both =
        new MuseHistory.Pack(
            List.of(history.record(side), history.record(other)), List.of(), List.of());
    assertThat(client.pushPack(both, "main", false).expectError(422, "invalid").detail())
        .contains("2 heads");
  }

  @Test
  void limitsAreRefusedByName() {
    MuseClient client = site.muse("limits/repo");
    List<Map<String, Object>> commits =
        IntStream.range(0, 10_001)
            .<Map<String, Object>>mapToObj(n ->
                Map.of("commit_id", "c" + n, "snapshot_id", "s", "message", "", "committed_at", ""))
            .toList();
    Map<String, ?> bundle = Map.of("commits", commits);
    assertThat(
            client
                .post("/push", Map.of("bundle", bundle, "branch", "main"))
                .expectError(413, "too_large")
                .detail())
        .contains("10001 commits", "10000");
    String name = "n".repeat(256);
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "limits"));
    client.push(history, head, name, false).expectError(422, "invalid");
    assertThat(site.keys("bundles/limits/repo/")).isEmpty();
  }

  @Test
  void idsComeBackAsTheyAreSpelled() {
    MuseClient client = site.muse("spelled/repo");
    String id = TestBundle.id("spelled").prefixed();
    assertThat(client.missing(List.of(id))).containsExactly(id);
    assertThat(client.post("/presign", Map.of("object_ids", List.of(id))).map("presigned"))
        .containsOnlyKeys(id);
    client
        .post(
            "/push/objects",
            Map.of("objects", List.of(MuseClient.object(id, "spelled".getBytes(UTF_8)))))
        .expect(200);
    String head = "sha256:" + "c".repeat(64);
    Map<String, ?> commit =
        Map.of("commit_id", head, "snapshot_id", "s1", "message", "m", "committed_at", "now");
    Map<String, ?> snapshot = Map.of("snapshot_id", "s1", "manifest", Map.of("a", id));
    Map<String, ?> bundle = Map.of("commits", List.of(commit), "snapshots", List.of(snapshot));
    client.post("/push", Map.of("bundle", bundle, "branch", "main")).expect(200);
    assertThat(client.fetch(List.of(head), List.of()).expect(200).maps("objects").getFirst())
        .containsEntry("object_id", id);
  }
}
