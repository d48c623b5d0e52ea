package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.repository.token.Scope;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the muse client is refused, and how it is told (bundle.md section 10, of W01 to W17). */
class StreamRefusalsTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static Answer makePublic(String repo) {
    TestClient admin = new TestClient(site, repo, site.token(Scope.ADMIN, repo));
    return admin.post("/visibility", Map.of("public", true)).expect(200);
  }

  @Test
  void w06_non_ff_message() {
    MuseClient client = site.muse("w06/repo");
    MuseHistory history = new MuseHistory();
    String base = history.commit(List.of(), Map.of("a", "w06"));
    String ours = history.commit(List.of(base), Map.of("a", "w06 ours"));
    String theirs = history.commit(List.of(base), Map.of("a", "w06 theirs"));
    client.push(history, theirs).expect(200);
    List<String> bundles = bundles("w06/repo");
    Answer refused = client.push(history, ours);
    refused.expectError(409, "non_fast_forward");
    assertThat(refused.detail()).contains("main", theirs);
    assertThat(client.refs().map("branch_heads")).containsEntry("main", theirs);
    // Not even a bundle, which its event would bring in.
    assertThat(bundles("w06/repo")).isEqualTo(bundles).hasSize(1);
  }

  @Test
  void w09_private_repo_404_without_token() {
    MuseClient client = site.muse("w09/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "w09"));
    client.push(history, head).expect(200);
    MuseClient anonymous = client.anonymous();
    anonymous.refs().expectError(404, "repo_not_found");
    anonymous.fetch(List.of(head), List.of()).expectError(404, "repo_not_found");
    anonymous.post("/negotiate", Map.of("want", List.of(head))).expectError(404, "repo_not_found");
    anonymous.post("/filter-objects", Map.of()).expectError(404, "repo_not_found");
    anonymous.post("/presign", Map.of("direction", "get")).expectError(404, "repo_not_found");

    String object = "/o/" + TestBundle.id("w09").hex() + "?repo_id=" + repoId(client);
    site.call(GatewayEvent.of("GET", object)).expectError(404, "repo_not_found");
    Answer found = site.call(GatewayEvent.of("GET", object).token(client.token())).expect(200);
    assertThat(found.bytes()).asString().isEqualTo("w09");
    assertThat(found.header("Cache-Control")).contains("private", "immutable");
    assertThat(found.header("ETag")).contains(TestBundle.id("w09").hex());
  }

  private static String repoId(MuseClient client) {
    return client.refs().text("repo_id");
  }

  @Test
  void w10_not_owner() {
    MuseClient owner = site.muse("w10/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "w10"));
    owner.push(history, head).expect(200);
    MuseClient reader = new MuseClient(site, "w10/repo", site.token(Scope.READ, "w10/*"));
    MuseClient stranger = new MuseClient(site, "w10/repo", site.token(Scope.WRITE, "other/*"));
    Map<String, Map<String, ?>> writes = new HashMap<>();
    writes.put("/presign", Map.of("object_ids", List.of(), "direction", "put"));
    writes.put("/push/objects", Map.of("objects", List.of()));
    writes.put("/push", Map.of());
    writes.put("/tags", Map.of("tags", List.of()));
    writes.forEach((path, body) -> {
      reader.post(path, body).expectError(403, "forbidden");
      stranger.post(path, body).expectError(404, "repo_not_found");
      if (!path.equals("/presign")) {
        owner.anonymous().post(path, body).expectError(401, "unauthenticated");
      }
    });
    // A presigned download is for readers, too; an upload on a public repository asks for a token.
    reader.post("/presign", Map.of("object_ids", List.of(), "direction", "get")).expect(200);
    makePublic("w10/repo");
    owner.anonymous().post("/presign", Map.of()).expectError(401, "unauthenticated");
    assertThat(reader.refs().map("branch_heads")).containsEntry("main", head);
  }

  @Test
  void w11_error_table() {
    MuseClient client = site.muse("w11/repo");
    client.refs().expectError(404, "repo_not_found");
    new MuseClient(site, "w11/repo", "no such token").refs().expectError(401, "unauthenticated");
    MuseHistory history = new MuseHistory();
    client.push(history, history.commit(List.of(), Map.of("a", "w11"))).expect(200);
    for (String path :
        List.of(
            "/filter-objects",
            "/presign",
            "/push/objects",
            "/push",
            "/tags",
            "/negotiate",
            "/fetch")) {
      site.call(
              client.event("POST", path).binary("application/x-msgpack", new byte[] {(byte) 0xc1}))
          .expectError(400, "malformed");
    }
    String id = TestBundle.id("w11").hex();
    client.post("/filter-objects", Map.of("object_ids", List.of("x"))).expectError(422, "invalid");
    client.post("/presign", Map.of("ttl_seconds", 29)).expectError(422, "invalid");
    client.post("/presign", Map.of("ttl_seconds", 3_601)).expectError(422, "invalid");
    client.post("/presign", Map.of("direction", "up")).expectError(422, "invalid");
    client.post("/push", Map.of("branch", "main")).expectError(422, "invalid");
    client.post("/push", Map.of("bundle", Map.of(), "branch", "main")).expectError(422, "invalid");
    client
        .post("/push/objects", Map.of("objects", List.of(Map.of("object_id", id))))
        .expectError(422, "invalid");
    client
        .post("/push/objects", Map.of("objects", List.of(Map.of("object_id", id, "content", "w"))))
        .expectError(422, "invalid");
    client
        .post("/push/objects", Map.of("objects", Collections.nCopies(1_001, Map.of())))
        .expectError(422, "invalid");
    client
        .post("/negotiate", Map.of("want", Collections.nCopies(257, "c")))
        .expectError(422, "invalid");
    client
        .post(
            "/push/objects",
            Map.of("objects", List.of(MuseClient.object("0".repeat(64), new byte[0]))))
        .expectError(422, "invalid");
    site.call(GatewayEvent.of("GET", "/o/" + id)).expectError(422, "invalid");
  }

  @Test
  void w16_push_with_unknown_parent_refused() {
    MuseClient client = site.muse("w16/repo");
    MuseHistory history = new MuseHistory();
    String one = history.commit(List.of(), Map.of("a", "w16"));
    String two = history.commit(List.of(one), Map.of("a", "w16"));
    MuseHistory.Pack pack = history.pack(two, List.of(one));
    client.sendObjects(history, pack.objectIds());
    Answer refused = client.pushPack(pack, "main", false);
    refused.expectError(422, "invalid");
    assertThat(refused.detail()).contains(one);
    assertThat(client.refs().map("branch_heads")).isEmpty();
    assertThat(bundles("w16/repo")).isEmpty();
  }

  @Test
  void w17_nul_in_message_refused() {
    MuseClient client = site.muse("w17/repo");
    MuseHistory history = new MuseHistory();
    String head =
        history.commit(
            List.of(), Map.of("a", "w17".getBytes(UTF_8)), "nul \0 inside", MuseHistory.NOON);
    client.push(history, head).expectError(422, "invalid");
    assertThat(client.refs().map("branch_heads")).isEmpty();
  }

  private static List<String> bundles(String repo) {
    return site.keys("bundles/" + repo + "/");
  }
}
