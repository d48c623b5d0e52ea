package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.storage.ObjectStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a push of a bundle is refused for, and that it then has changed nothing (bundle.md section
 * 10, of P01 to P11).
 */
class PushRefusalsTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static TestBundle bundle() {
    return new TestBundle();
  }

  @Test
  void p06_wrong_hash_rejected_nothing_changed() {
    TestClient client = site.client("p06/repo");
    client.presign(new byte[] {1}).expect(200);
    ContentId claimed = Ids.object(new byte[] {1});
    String key = ObjectKeys.bundle("p06", "repo", claimed);
    byte[] others = bundle().commit("c1", List.of(), Map.of("a", "a")).bytes();
    long jobs = site.rows("jobs");

    // With a checksum kept by the store, and without one.
    site.store()
        .put(key, Content.of(others), Ids.object(others), ObjectStore.Condition.ALWAYS, "x/y");
    client.unpack(claimed, Map.of("main", "c1")).expectError(400, "checksum_mismatch");
    site.store().put(key, Content.of(others), null, ObjectStore.Condition.ALWAYS, "x/y");
    client.unpack(claimed, Map.of("main", "c1")).expectError(400, "checksum_mismatch");

    assertThat(client.heads()).isEmpty();
    assertThat(site.rows("jobs")).isEqualTo(jobs);
  }

  @Test
  void p07_non_fast_forward_409() {
    TestClient client = site.client("p07/repo");
    client
        .push(bundle().commit("c1", List.of(), Map.of("a", "1")).bytes(), Map.of("main", "c1"))
        .expect(200);
    byte[] other = bundle().commit("x1", List.of(), Map.of("a", "other")).bytes();
    Answer refused = client.push(other, Map.of("main", "x1"));
    refused.expectError(409, "non_fast_forward");
    assertThat(refused.detail())
        .contains("main")
        .contains("c1")
        .contains("x1")
        .doesNotContain("force");
    assertThat(client.heads()).containsExactly(Map.entry("main", "c1"));
    client.get("/objects/" + TestBundle.id("other").hex()).expect(404);
    assertThat(client.get("/jobs").maps("jobs")).hasSize(1);
  }

  @Test
  void p11_missing_bundle_key_404() {
    TestClient client = site.client("p11/repo");
    client.presign(new byte[] {2}).expect(200);
    Answer answer = client.unpack(Ids.object(new byte[] {2}), Map.of("main", "c1"));
    answer.expectError(404, "bundle_not_found");
    assertThat(answer.detail()).contains("/push/bundle/presign");
    assertThat(client.heads()).isEmpty();
  }

  @Test
  void aBundleOfAnotherRepositoryIsNotThere() {
    TestClient one = site.client("foreign/one");
    TestClient two = site.client("foreign/two");
    ContentId bundle = one.upload(bundle().commit("c1", List.of(), Map.of("a", "foreign")).bytes());
    two.presign(new byte[] {3}).expect(200);
    two.unpack(bundle, Map.of("main", "c1")).expectError(404, "bundle_not_found");
  }

  @Test
  void unknownParentIs422() {
    TestClient client = site.client("parent/repo");
    byte[] wire = bundle().commit("c2", List.of("c1"), Map.of("a", "orphan")).bytes();
    Answer refused = client.push(wire, Map.of("main", "c2"));
    refused.expectError(422, "invalid");
    assertThat(refused.detail()).contains("c1");
    assertThat(client.heads()).isEmpty();
    assertThat(client.get("/jobs").maps("jobs")).isEmpty();
  }

  @Test
  void unknownHeadIs422() {
    TestClient client = site.client("head/repo");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "head")).bytes();
    Answer refused = client.push(wire, Map.of("main", "nowhere"));
    refused.expectError(422, "invalid");
    assertThat(refused.detail()).contains("nowhere");
    assertThat(client.heads()).isEmpty();
  }

  @Test
  void aManifestThatNamesObjectsOfNobodyOrOfOthersIs422() {
    TestClient other = site.client("ghost/other");
    other
        .push(bundle().commit("o1", List.of(), Map.of("s", "secret")).bytes(), Map.of("main", "o1"))
        .expect(200);
    TestClient client = site.client("ghost/repo");
    ContentId secret = TestBundle.id("secret");
    Manifest manifest = new Manifest(Map.of("stolen", secret));
    Answer refused =
        client.push(bundle().commitOf("g1", List.of(), manifest).bytes(), Map.of("main", "g1"));
    refused.expectError(422, "invalid");
    assertThat(refused.detail()).contains("1").contains(secret.hex());
    client.get("/objects/" + secret.hex()).expect(404);
    assertThat(client.heads()).isEmpty();
  }

  @Test
  void anObjectThatIsNotWhatItsIdSaysIs422() {
    TestClient client = site.client("liar/repo");
    ContentId id = TestBundle.id("truth");
    byte[] wire =
        bundle()
            .commitOf("l1", List.of(), new Manifest(Map.of("f", id)))
            .object(id, "a lie".getBytes(UTF_8))
            .bytes();
    Answer refused = client.push(wire, Map.of("main", "l1"));
    refused.expectError(422, "invalid");
    assertThat(refused.detail()).contains(id.hex());
    assertThat(client.heads()).isEmpty();
  }

  @Test
  void aLargeObjectThatIsNotWhatItsIdSaysIs422() {
    TestClient client = site.client("liar/large");
    ContentId id = TestBundle.id("large truth");
    byte[] wire =
        bundle()
            .commitOf("l1", List.of(), new Manifest(Map.of("f", id)))
            .object(id, new byte[1_500_000])
            .bytes();
    client.push(wire, Map.of("main", "l1")).expectError(422, "invalid");
    assertThat(site.store().head(ObjectKeys.object(id))).isEmpty();
  }

  @Test
  void whatIsNoBundleIs422() {
    TestClient client = site.client("nonsense/repo");
    client
        .push("no bundle at all".getBytes(UTF_8), Map.of("main", "c1"))
        .expectError(422, "invalid");
    assertThat(client.heads()).isEmpty();
    assertThat(client.get("/jobs").maps("jobs")).isEmpty();
  }
}
