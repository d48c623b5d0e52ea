package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.Ids;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a push does of a bundle that it leaves to a worker (bundle.md section 10, of P01 to P11).
 */
class UnreadPushTest {
  private static TestBundle bundle() {
    return new TestBundle();
  }

  @Test
  void p03_large_bundle_skips_content_cache() {
    ApiSite large = ApiSite.start(100, ApiSite::reader);
    TestClient client = large.client("p03/repo");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "a".repeat(200))).bytes();
    Answer pushed = client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(pushed.document()).containsEntry("readable", false);
    assertThat(pushed.map("branch_heads")).containsEntry("main", "c1");
    assertThat(large.rows("objects")).isZero();
    assertThat(large.rows("commits")).isZero();
    Answer notYet = client.fetch(List.of("c1"), List.of());
    notYet.expectError(503, "busy");
    assertThat(notYet.header("Retry-After")).isNotEmpty();
    assertThat(client.get("/commits").expect(200).maps("commits")).isEmpty();
    client.get("/objects/" + TestBundle.id("a".repeat(200)).hex()).expect(404);
  }

  @Test
  void p05_large_path_never_decodes() {
    ApiSite poisoned =
        ApiSite.start(
            0,
            () -> {
              throw new AssertionError("a bundle is being decoded");
            });
    TestClient client = poisoned.client("p05/repo");
    client.push("no bundle at all".getBytes(UTF_8), Map.of("main", "c1")).expect(200);
    assertThat(client.heads()).containsEntry("main", "c1");
  }

  @Test
  void anUnreadBundleMovesABranchOnlyWhereTheClientKnewIt() {
    ApiSite large = ApiSite.start(0, ApiSite::reader);
    TestClient client = large.client("expected/repo");
    byte[] one = bundle().commit("c1", List.of(), Map.of("a", "1")).bytes();
    byte[] two = bundle().commit("c2", List.of("c1"), Map.of("a", "2")).bytes();
    client.push(one, Map.of("main", "c1")).expect(200);
    Answer unsaid = client.push(two, Map.of("main", "c2"));
    unsaid.expectError(422, "invalid");
    assertThat(unsaid.detail()).contains("expected_heads").contains("c1");
    client
        .unpack(
            Ids.object(two), Map.of("main", "c2"), Map.of("expected_heads", Map.of("main", "c0")))
        .expectError(409, "moved_on");
    assertThat(client.heads()).containsExactly(Map.entry("main", "c1"));
    client
        .unpack(
            Ids.object(two), Map.of("main", "c2"), Map.of("expected_heads", Map.of("main", "c1")))
        .expect(200);
    assertThat(client.heads()).containsExactly(Map.entry("main", "c2"));
  }

  @Test
  void anUnreadBundleIsReadableAfterItsJob() {
    ApiSite large = ApiSite.start(0, ApiSite::reader);
    TestClient client = large.client("later/repo");
    byte[] wire = bundle().commit("c1", List.of(), Map.of("a", "later")).bytes();
    Answer pushed = client.push(wire, Map.of("main", "c1")).expect(200);
    client.get("/tree/c1").expectError(404, "commit_not_found");
    large.runJobs("later/repo");
    assertThat(client.get("/jobs/" + pushed.text("job_id")).text("status")).isEqualTo("done");
    assertThat(client.get("/tree/c1").expect(200).maps("entries")).hasSize(1);
    assertThat(TestClient.contents(client.fetch(List.of("c1"), List.of()).expect(200)))
        .containsOnlyKeys(TestBundle.id("later").hex());
  }

  @Test
  void anUnreadBundleThatIsNoneGivesItsBranchBack() {
    ApiSite large = ApiSite.start(0, ApiSite::reader);
    TestClient client = large.client("broken/repo");
    byte[] good = bundle().commit("c1", List.of(), Map.of("a", "good")).bytes();
    client.push(good, Map.of("main", "c1")).expect(200);
    Answer pushed =
        client
            .unpack(
                client.upload("no bundle at all".getBytes(UTF_8)),
                Map.of("main", "c2"),
                Map.of("expected_heads", Map.of("main", "c1")))
            .expect(200);
    assertThat(client.heads()).containsEntry("main", "c2");
    large.runJobs("broken/repo");
    assertThat(client.heads()).containsExactly(Map.entry("main", "c1"));
    Answer job = client.get("/jobs/" + pushed.text("job_id")).expect(200);
    assertThat(job.text("status")).isEqualTo("failed");
    assertThat(job.text("error")).isNotEmpty();
  }

  @Test
  void anIntermediateBundleMovesNothing() {
    ApiSite large = ApiSite.start(0, ApiSite::reader);
    TestClient client = large.client("intermediate/repo");
    byte[] one = bundle().commit("c1", List.of(), Map.of("a", "1")).bytes();
    Answer pushed = client.push(one, Map.of()).expect(200);
    assertThat(pushed.map("branch_heads")).isEmpty();
    assertThat(client.get("/jobs").maps("jobs")).hasSize(1);
  }
}
