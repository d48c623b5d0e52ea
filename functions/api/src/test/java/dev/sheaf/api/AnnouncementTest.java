package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ObjectStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a bundle may do is decided once: by every door, in any order of event and call. */
class AnnouncementTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  @BeforeEach
  void forgetMessages() {
    site.messages().clear();
  }

  private static byte[] bundle(String commit, List<String> parents, String text) {
    return new TestBundle()
        .commit(commit, parents, Map.of("a", text))
        .head("main", commit)
        .head("own", commit)
        .bytes();
  }

  /** Everything that a worker would do, now and when all waiting is over. */
  private static void work(String repo) {
    site.runJobs(repo);
    site.passGrace();
    site.runJobs(repo);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRefusedPushStaysRefused(boolean eventFirst) {
    String repo = "refused/event-first-" + eventFirst;
    TestClient client = site.client(repo);
    byte[] wire = bundle("c1", List.of(), "refused " + eventFirst);
    ContentId bundle = client.upload(wire);
    if (eventFirst) {
      site.uploadEvent(repo, bundle, wire.length);
    }
    client.unpack(bundle, Map.of("main", "nowhere")).expectError(422, "invalid");
    site.uploadEvent(repo, bundle, wire.length);
    work(repo);

    assertThat(client.heads()).isEmpty();
    client.get("/tree/c1").expectError(404, "commit_not_found");
    client.get("/objects/" + TestBundle.id("refused " + eventFirst).hex()).expect(404);
    assertThat(client.get("/jobs").maps("jobs"))
        .allSatisfy(job -> {
          assertThat(job).containsEntry("status", "failed");
          assertThat(String.valueOf(job.get("error"))).contains("refused").contains("nowhere");
        })
        .hasSize(eventFirst ? 1 : 0);

    // The same upload, announced anew, may do what is right.
    client.unpack(bundle, Map.of("main", "c1")).expect(200);
    work(repo);
    assertThat(client.heads()).containsExactly(Map.entry("main", "c1"));
    assertThat(client.get("/jobs").maps("jobs").getFirst()).containsEntry("status", "done");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasNoFastForwardMovesNothingLaterEither(boolean eventFirst) {
    String repo = "diverged/event-first-" + eventFirst;
    TestClient client = site.client(repo);
    client.push(bundle("c1", List.of(), "one"), Map.of("main", "c1")).expect(200);
    byte[] wire = bundle("x1", List.of(), "other");
    ContentId bundle = client.upload(wire);
    if (eventFirst) {
      site.uploadEvent(repo, bundle, wire.length);
    }
    client.unpack(bundle, Map.of("main", "x1")).expectError(409, "non_fast_forward");
    site.uploadEvent(repo, bundle, wire.length);
    work(repo);
    // Not even the branch that nobody else has.
    assertThat(client.heads()).containsExactly(Map.entry("main", "c1"));
    client.get("/tree/x1").expectError(404, "commit_not_found");
  }

  @Test
  void anotherUploadOfARefusedBundleIsDecidedAnew() throws InterruptedException {
    String repo = "anew/repo";
    TestClient client = site.client(repo);
    byte[] wire = bundle("c1", List.of(), "anew");
    ContentId bundle = client.upload(wire);
    client.unpack(bundle, Map.of("main", "nowhere")).expectError(422, "invalid");
    Thread.sleep(1_100); // the store's clock has whole seconds
    site.store()
        .put(
            ObjectKeys.bundle("anew", "repo", bundle),
            Content.of(wire),
            bundle,
            ObjectStore.Condition.ALWAYS,
            "x/y");
    site.uploadEvent(repo, bundle, wire.length);
    work(repo);
    assertThat(client.heads()).containsEntry("main", "c1").containsEntry("own", "c1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theAnnouncementDecidesAloneWhatMoves(boolean readNow) {
    ApiSite other = readNow ? site : ApiSite.start(0, ApiSite::reader);
    String repo = "alone/read-now-" + readNow;
    TestClient client = other.client(repo);
    byte[] wire = bundle("c1", List.of(), "alone");
    ContentId bundle = client.upload(wire);
    other.uploadEvent(repo, bundle, wire.length);
    other.messages().clear();
    client.unpack(bundle, Map.of("topic", "c1")).expect(200);
    assertThat(other.messages())
        .as("the event has come and gone")
        .containsExactly(WakeUp.of(other.repo(repo).repoId()).body());
    other.runJobs(repo);
    assertThat(client.heads()).containsExactly(Map.entry("topic", "c1"));
    assertThat(client.get("/jobs").maps("jobs").getFirst()).containsEntry("status", "done");
  }

  @Test
  void anUploadThatNobodyAnnouncesCountsAsABareOneAfterAWhile() {
    String repo = "bare/repo";
    TestClient client = site.client(repo);
    byte[] wire = bundle("c1", List.of(), "bare");
    site.uploadEvent(repo, client.upload(wire), wire.length);
    assertThat(client.heads()).isEmpty();
    work(repo);
    assertThat(client.heads()).containsOnlyKeys("main", "own");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4 << 20})
  void limitsHoldByEveryDoor(int readNowBytes) {
    ApiSite other = ApiSite.start(readNowBytes, ApiSite::reader);
    String repo = "limits/repo";
    TestClient client = other.client(repo);
    TestBundle bundle = new TestBundle().commit("c1", List.of(), Map.of("a", "limits"));
    byte[] wire = bundle.head("n".repeat(301), "c1").head("main", "c1").bytes();
    client.presign(wire);
    other
        .store()
        .put(
            ObjectKeys.bundle("limits", "repo", Ids.object(wire)),
            Content.of(wire),
            null,
            ObjectStore.Condition.ALWAYS,
            "x/y");
    client.unpack(Ids.object(wire), Map.of("n".repeat(301), "c1")).expectError(422, "invalid");
    other.execute("delete from uploads"); // as if nobody had announced it
    other.uploadEvent(repo, Ids.object(wire), wire.length);
    assertThat(client.get("/jobs").maps("jobs").getFirst())
        .containsEntry("status", "failed")
        .satisfies(job -> assertThat(String.valueOf(job.get("error"))).contains("255"));
    assertThat(client.heads()).isEmpty();
    client.get("/tree/c1").expectError(404, "commit_not_found");
  }

  @Test
  void aTrueFastForwardIsNeverRefusedSinceAnotherJobIsActive() {
    String repo = "active/repo";
    TestClient client = site.client(repo);
    client.push(bundle("c1", List.of(), "1"), Map.of("main", "c1")).expect(200);
    for (int i = 2; i < 14; i++) {
      byte[] wire = bundle("c" + i, List.of("c" + (i - 1)), "text " + i);
      Answer pushed = client.push(wire, Map.of("main", "c" + i)).expect(200);
      assertThat(pushed.document()).containsEntry("readable", true);
    }
    client.get("/tree/c13").expect(200);
    work(repo);
    assertThat(client.heads()).containsExactly(Map.entry("main", "c13"));
  }

  @Test
  void whatBuildsOnAnUnreadBundleIsBusyUnlessItSaysWhatItBuildsOn() {
    ApiSite small = ApiSite.start(4_000, ApiSite::reader);
    TestClient client = small.client("busy/repo");
    byte[] large = bundle("c1", List.of(), "x".repeat(10_000));
    byte[] wire = bundle("c2", List.of("c1"), "small");
    client.push(large, Map.of("main", "c1")).expect(200);
    Answer busy = client.push(wire, Map.of("main", "c2"));
    busy.expectError(503, "busy");
    assertThat(busy.header("Retry-After")).isNotEmpty();
    assertThat(busy.detail()).doesNotContain("force");
    Map<String, ?> expected = Map.of("expected_heads", Map.of("main", "c1"));
    Answer taken = client.unpack(Ids.object(wire), Map.of("main", "c2"), expected).expect(200);
    assertThat(taken.document()).containsEntry("readable", false);
    small.runJobs("busy/repo");
    assertThat(client.heads()).containsExactly(Map.entry("main", "c2"));
    client.get("/tree/c2").expect(200);
  }

  @Test
  void aRepeatedAnnouncementAndARetryWakeAJobWhoseMessageWasLost() {
    String repo = "lost/repo";
    TestClient client = site.client(repo);
    byte[] wire = bundle("c1", List.of(), "lost");
    Answer pushed = client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(site.messages()).isEmpty();
    String wakeUp = WakeUp.of(site.repo(repo).repoId()).body();
    client.push(wire, Map.of("main", "c1")).expect(200);
    assertThat(site.messages()).containsExactly(wakeUp);
    client.post("/jobs/" + pushed.text("job_id") + "/retry", Map.of()).expect(200);
    assertThat(site.messages()).containsExactly(wakeUp, wakeUp);
    work(repo);
    assertThat(client.get("/jobs").maps("jobs")).hasSize(1);
  }

  @Test
  void aRefusedJobIsNotRetried() {
    String repo = "again/repo";
    TestClient client = site.client(repo);
    byte[] wire = bundle("c1", List.of(), "again");
    ContentId bundle = client.upload(wire);
    site.uploadEvent(repo, bundle, wire.length);
    client.unpack(bundle, Map.of("main", "nowhere")).expectError(422, "invalid");
    Object job = client.get("/jobs").maps("jobs").getFirst().get("job_id");
    client.post("/jobs/" + job + "/retry", Map.of()).expectError(409, "push_refused");
  }
}
