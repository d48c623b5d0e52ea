package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sample events, in the order in which a push and a clone send them. */
class EventsTest {
  private static ApiSite site;
  private static TestClient client;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    client = site.client("gabriel/v1-tiny");
    byte[] bundle = TestBundle.vector("v1-tiny");
    Answer presigned = call("api-push-bundle-presign").expect(200);
    assertThat(ApiSite.upload(presigned.document(), bundle)).isEqualTo(200);
  }

  private static Answer call(String sample) {
    return site.call(GatewayEvent.sample(sample).token(client.token()));
  }

  private static Answer pushed() {
    return call("api-unpack-bundle").expect(200);
  }

  @Test
  void healthCheck() {
    assertThat(site.call(GatewayEvent.sample("api-health-check")).expect(200).document())
        .containsEntry("ok", true);
  }

  @Test
  void unpackBundle() {
    Answer answer = pushed();
    assertThat(answer.map("branch_heads")).containsOnlyKeys("main", "feature");
    assertThat(answer.document()).containsEntry("readable", true);
  }

  @Test
  void refs() {
    pushed();
    assertThat(call("api-refs").expect(200).map("branch_heads")).hasSize(2);
  }

  @Test
  void jobs() {
    String id = pushed().text("job_id");
    assertThat(call("api-jobs").expect(200).maps("jobs")).hasSize(1);
    GatewayEvent job = GatewayEvent.sample("api-job").token(client.token());
    site.call(job).expectError(404, "job_not_found");
    site.call(job.at("/gabriel/v1-tiny/jobs/" + id)).expect(200);
    call("api-job-retry").expectError(404, "job_not_found");
  }

  @Test
  void fetch() {
    pushed();
    Answer answer = call("api-fetch").expect(200);
    // The feature branch is not asked for.
    assertThat(answer.maps("commits")).hasSizeBetween(1, 6);
    Map<String, byte[]> contents = TestClient.contents(answer);
    contents.forEach((id, bytes) -> assertThat(Ids.object(bytes).hex()).isEqualTo(id));
    answer
        .maps("snapshots")
        .forEach(snapshot ->
            ((Map<?, ?>) List.of(snapshot.getOrDefault("manifest", Map.of())).getFirst())
                .values()
                .forEach(id ->
                    assertThat(contents).containsKey(ContentId.parse(String.valueOf(id)).hex())));
  }

  @Test
  void fetchThatTakesAPack() {
    pushed();
    assertThat(call("api-fetch-pack").expect(200).maps("commits")).hasSize(6);
  }

  @Test
  void clonePlan() {
    pushed();
    Answer plan = call("api-clone-plan").expect(200);
    assertThat(plan.maps("bundles")).hasSize(1);
    assertThat(ApiSite.download(String.valueOf(plan.maps("bundles").getFirst().get("url"))).body())
        .isEqualTo(TestBundle.vector("v1-tiny"));
  }

  @Test
  void object() {
    pushed();
    assertThat(call("api-object").expect(200).bytes()).asString().isEqualTo("hello\n");
  }

  @Test
  void commits() {
    pushed();
    assertThat(call("api-commits").expect(200).maps("commits")).isNotEmpty();
  }

  @Test
  void tree() {
    pushed();
    assertThat(call("api-tree").expect(200).maps("entries"))
        .extracting(e -> e.get("path"))
        .contains("src/empty.txt", "src/lib");
  }

  @Test
  void filterObjects() {
    pushed();
    assertThat(call("api-filter-objects").expect(200).document())
        .containsEntry("missing", List.of("sha256:" + "0".repeat(64)));
  }

  /** What the muse client sends, in its order. */
  @Test
  void streamPush() {
    MuseClient muse = site.muse("gabriel/v1-tiny-mwp");
    assertThat(call("api-presign", muse).expect(200).map("presigned")).hasSize(1);
    assertThat(call("api-push-objects", muse).expect(200).document()).containsEntry("skipped", 0L);
    Answer pushed = call("api-push", muse).expect(200);
    assertThat(pushed.map("branch_heads")).containsOnlyKeys("main");
    assertThat(call("api-tags", muse).expect(200).document()).containsEntry("stored", 1L);
    assertThat(call("api-negotiate", muse).expect(200).document()).containsEntry("ready", true);
    assertThat(muse.cloned().keySet()).hasSize(6);

    GatewayEvent object = GatewayEvent.sample("api-site-object").token(muse.token());
    site.call(object).expectError(404, "repo_not_found");
    String path = object.toEvent().getPath() + "?repo_id=" + site.repo(muse.repo()).repoId();
    assertThat(site.call(object.at(path)).expect(200).bytes()).asString().isEqualTo("hello\n");
  }

  private static Answer call(String sample, MuseClient muse) {
    return site.call(GatewayEvent.sample(sample).token(muse.token()));
  }
}
