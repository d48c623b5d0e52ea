package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Machine;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a push does before any worker ran (bundle.md section 10, of P01 to P11). */
class PushTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static TestBundle bundle() {
    return new TestBundle();
  }

  @Test
  void p01_fetch_before_worker_returns_bytes() {
    TestClient client = site.client("p01/repo");
    byte[] wire =
        bundle()
            .commit("c1", List.of(), Map.of("a.txt", "alpha", "empty", "", "dir/b.txt", "beta"))
            .commit("c2", List.of("c1"), Map.of("a.txt", "alpha 2", "empty", ""))
            .bytes();
    Answer pushed = client.push(wire, Map.of("main", "c2")).expect(200);
    assertThat(pushed.document()).containsEntry("ok", true).containsEntry("readable", true);
    assertThat(pushed.map("branch_heads")).containsExactly(Map.entry("main", "c2"));
    assertThat(client.get("/jobs/" + pushed.text("job_id")).expect(200).text("status"))
        .isEqualTo("pending");

    Map<String, byte[]> contents =
        TestClient.contents(client.fetch(List.of("c2"), List.of()).expect(200));
    for (String text : List.of("alpha", "", "beta", "alpha 2")) {
      assertThat(contents.get(TestBundle.id(text).hex())).isEqualTo(text.getBytes(UTF_8));
      assertThat(client.get("/objects/" + TestBundle.id(text).hex()).expect(200).bytes())
          .isEqualTo(text.getBytes(UTF_8));
    }
    assertThat(client.get("/tree/c1?path=dir").expect(200).maps("entries")).hasSize(1);
  }

  @Test
  void p02_content_cache_cleared_after_job() {
    TestClient client = site.client("p02/repo");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "cached", "empty", "")).bytes();
    client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(site.objectRow(TestBundle.id("cached")).flag("cached")).isTrue();
    Map<String, byte[]> before = TestClient.contents(client.fetch(List.of("c1"), List.of()));

    site.runJobs("p02/repo");
    for (String text : List.of("cached", "")) {
      assertThat(site.objectRow(TestBundle.id(text)).flag("cached")).isFalse();
      assertThat(site.objectRow(TestBundle.id(text)).text("storage_uri")).startsWith("s3://");
      assertThat(client.get("/objects/" + TestBundle.id(text).hex()).expect(200).bytes())
          .isEqualTo(text.getBytes(UTF_8));
    }
    Map<String, byte[]> after = TestClient.contents(client.fetch(List.of("c1"), List.of()));
    assertThat(after).containsOnlyKeys(before.keySet());
    before.forEach((id, bytes) -> assertThat(after.get(id)).isEqualTo(bytes));
    Answer jobs = client.get("/jobs").expect(200);
    assertThat(jobs.maps("jobs").getFirst()).containsEntry("status", "done");
    assertThat((Map<?, ?>) jobs.maps("jobs").getFirst().get("result"))
        .satisfies(result -> assertThat(result.get("objects_written")).isEqualTo(2L));
  }

  @Test
  void p04_over_1MiB_object_never_cached() {
    TestClient client = site.client("p04/repo");
    byte[] atLimit = new byte[1_048_576];
    byte[] overLimit = new byte[1_048_577];
    Arrays.fill(overLimit, (byte) 1);
    byte[] wire =
        bundle().commitBytes("c1", List.of(), Map.of("at", atLimit, "over", overLimit)).bytes();
    client.push(wire, Map.of("main", "c1")).expect(200);

    assertThat(site.objectRow(Ids.object(atLimit)).flag("cached")).isTrue();
    assertThat(site.objectRow(Ids.object(atLimit)).text("storage_uri")).isEqualTo("pending");
    assertThat(site.objectRow(Ids.object(overLimit)).flag("cached")).isFalse();
    assertThat(site.objectRow(Ids.object(overLimit)).text("storage_uri"))
        .isEqualTo(
            "s3://" + site.store().bucket() + "/" + ObjectKeys.object(Ids.object(overLimit)));
    for (byte[] content : List.of(atLimit, overLimit)) {
      assertThat(client.get("/objects/" + Ids.object(content).hex()).expect(200).bytes())
          .isEqualTo(content);
    }
  }

  @Test
  void aBundleWithoutStoredChecksumIsHashed() {
    TestClient client = site.client("unchecked/repo");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "unchecked")).bytes();
    client.presign(wire).expect(200);
    site.store()
        .put(
            ObjectKeys.bundle("unchecked", "repo", Ids.object(wire)),
            Content.of(wire),
            null,
            ObjectStore.Condition.ALWAYS,
            "x/y");
    client.unpack(Ids.object(wire), Map.of("main", "c1")).expect(200);
    assertThat(client.heads()).containsEntry("main", "c1");
  }

  @Test
  void p08_force_moves_branch() {
    TestClient client = site.client("p08/repo");
    client
        .push(bundle().commit("c1", List.of(), Map.of("a", "1")).bytes(), Map.of("main", "c1"))
        .expect(200);
    byte[] other = bundle().commit("x1", List.of(), Map.of("a", "other")).bytes();
    client.unpack(client.upload(other), Map.of("main", "x1")).expectError(409, "non_fast_forward");
    client.unpack(Ids.object(other), Map.of("main", "x1"), Map.of("force", true)).expect(200);
    assertThat(client.heads()).containsExactly(Map.entry("main", "x1"));
  }

  @Test
  void p09_same_bundle_twice_one_job() {
    TestClient client = site.client("p09/repo");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "twice")).bytes();
    Answer first = client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(client.presign(wire).expect(200).document()).containsEntry("exists", true);
    Answer second = client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(second.text("job_id")).isEqualTo(first.text("job_id"));
    assertThat(client.get("/jobs").maps("jobs")).hasSize(1);
    assertThat(second.map("branch_heads")).containsExactly(Map.entry("main", "c1"));
  }

  @Test
  void p10_pending_never_overwrites_real_uri() {
    TestClient client = site.client("p10/one");
    byte[] content = "stored already".getBytes(UTF_8);
    ContentId id = Ids.object(content);
    site.store()
        .put(
            ObjectKeys.object(id),
            Content.of(content),
            id,
            ObjectStore.Condition.IF_ABSENT,
            "application/octet-stream");
    new ObjectRows(site.catalog())
        .putStored(
            List.of(new ObjectRows.Stored(id, content.length, null)),
            site.store().bucket(),
            Machine.CLOCK.instant());
    client
        .push(
            bundle().commit("c1", List.of(), Map.of("a", "stored already")).bytes(),
            Map.of("main", "c1"))
        .expect(200);
    assertThat(site.objectRow(id).text("storage_uri")).startsWith("s3://");
    assertThat(site.objectRow(id).flag("cached")).isFalse();
    assertThat(client.get("/objects/" + id.hex()).expect(200).bytes()).isEqualTo(content);
  }

  @Test
  void aNewBranchIsFastForwardedByABundleWithoutCommits() {
    TestClient client = site.client("empty/repo");
    byte[] history =
        bundle()
            .commit("c1", List.of(), Map.of("a", "1"))
            .commit("c2", List.of("c1"), Map.of("a", "2"))
            .bytes();
    client.push(history, Map.of("main", "c1", "dev", "c2")).expect(200);
    client.push(bundle().bytes(), Map.of("side", "c2")).expect(200);
    assertThat(client.heads()).containsEntry("side", "c2");
  }

  @Test
  void branchAndHeadInPlaceOfBranchHeads() {
    TestClient client = site.client("short/repo");
    ContentId bundle = client.upload(bundle().commit("c1", List.of(), Map.of("a", "s")).bytes());
    Answer pushed =
        client
            .post(
                "/push/unpack-bundle",
                Map.of("bundle_id", bundle.hex(), "branch", "main", "head", "c1"))
            .expect(200);
    assertThat(pushed.text("remote_head")).isEqualTo("c1");
    assertThat(client.heads()).containsExactly(Map.entry("main", "c1"));
  }

  @Test
  void aPushAfterAFailedJobGetsANewOneAndWakesAWorker() {
    TestClient client = site.client("revive/repo");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "revive")).bytes();
    Answer first = client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(site.messages()).as("the upload's own event is on its way").isEmpty();
    site.execute(
        "update jobs set status = 'failed', error = 'why' where job_id = '"
            + first.text("job_id")
            + "'");

    Answer second = client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(client.get("/jobs/" + second.text("job_id")).text("status")).isEqualTo("pending");
    assertThat(site.messages()).hasSize(1);
    assertThat(site.messages().getFirst()).contains(site.repo("revive/repo").repoId());
    site.messages().clear();
  }

  @Test
  void theUploadsEventMayComeFirst() {
    TestClient client = site.client("event/first");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "event")).head("main", "c1").bytes();
    ContentId bundle = client.upload(wire);
    site.messages().clear();
    site.uploadEvent("event/first", bundle, wire.length);
    assertThat(client.heads()).as("the announcement is waited for").isEmpty();
    site.passGrace();
    site.runJobs("event/first");
    assertThat(client.heads()).containsExactly(Map.entry("main", "c1"));
    Answer announced = client.unpack(bundle, Map.of("main", "c1")).expect(200);
    assertThat(announced.text("job_status")).isEqualTo("done");
    assertThat(client.get("/jobs").maps("jobs")).hasSize(1);
    // And once more, after the call.
    site.uploadEvent("event/first", bundle, wire.length);
    assertThat(client.get("/jobs").maps("jobs")).hasSize(1);
    assertThat(site.messages()).isEmpty();
  }
}
