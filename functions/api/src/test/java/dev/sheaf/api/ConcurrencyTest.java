package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many requests at a time, to one instance of the function. */
class ConcurrencyTest {
  private static final int CLIENTS = 8;

  private static ApiSite site;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static List<Answer> atOnce(List<GatewayEvent> events) throws Exception {
    CyclicBarrier ready = new CyclicBarrier(events.size());
    List<Future<Answer>> futures = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(events.size())) {
      for (GatewayEvent event : events) {
        futures.add(
            threads.submit(() -> {
              ready.await();
              return site.call(event);
            }));
      }
    }
    List<Answer> answers = new ArrayList<>();
    for (Future<Answer> future : futures) {
      answers.add(future.get());
    }
    return answers;
  }

  @Test
  void ofManyPushesToOneBranchOneWins() throws Exception {
    TestClient client = site.client("race/branch");
    byte[] base = new TestBundle().commit("base", List.of(), Map.of("f", "base")).bytes();
    client.push(base, Map.of("main", "base")).expect(200);
    site.runJobs("race/branch");
    List<GatewayEvent> pushes = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      byte[] next =
          new TestBundle().commit("next" + i, List.of("base"), Map.of("f", "next" + i)).bytes();
      pushes.add(
          client.unpackEvent(
              client.upload(next),
              Map.of("main", "next" + i),
              Map.of("expected_heads", Map.of("main", "base"))));
    }
    List<Answer> answers = atOnce(pushes);
    List<Answer> won = answers.stream().filter(answer -> answer.status() == 200).toList();
    assertThat(won).hasSize(1);
    assertThat(answers).extracting(Answer::status).containsOnly(200, 409);
    assertThat(client.heads()).isEqualTo(won.getFirst().map("branch_heads"));
    assertThat(client.get("/jobs").maps("jobs")).hasSize(2);
  }

  @Test
  void ofManyGitPushesToOneBranchOneWinsAndNoOtherLeavesAPack() throws Exception {
    GitClient client = GitClient.of(site, "race/git");
    TestGit git = TestGit.init(temp.resolve("a"));
    String base = git.commit("f", "base");
    client.push(git.bundle("main"), GitClient.update("refs/heads/main", base)).expect(200);
    List<GatewayEvent> pushes = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      git.run("reset", "-q", "--hard", base);
      String next = git.commit("f", "next " + i);
      ContentId bundle = client.client().upload(git.bundle("main", "^" + base));
      pushes.add(
          client.event(bundle, List.of(GitClient.update("refs/heads/main", base, next)), Map.of()));
    }
    List<Answer> answers = atOnce(pushes);
    assertThat(answers).extracting(Answer::status).containsOnly(200);
    List<Answer> won =
        answers.stream()
            .filter(answer -> Boolean.TRUE.equals(answer.document().get("ok")))
            .toList();
    assertThat(won).hasSize(1);
    answers.stream()
        .filter(answer -> !won.contains(answer))
        .forEach(answer ->
            assertThat(GitClient.outcome(answer)).containsEntry("refs/heads/main", "stale"));
    assertThat(client.plan().maps("packs")).hasSize(2);
    client.clone(temp.resolve("copy"));
  }

  @Test
  void gitPushesToBranchesOfTheirOwnAllTakePlace() throws Exception {
    GitClient client = GitClient.of(site, "race/branches");
    TestGit git = TestGit.init(temp.resolve("b"));
    String base = git.commit("f", "base");
    client.push(git.bundle("main"), GitClient.update("refs/heads/main", base)).expect(200);
    List<GatewayEvent> pushes = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      git.run("checkout", "-q", "-b", "b" + i, base);
      String next = git.commit("f" + i, "next " + i);
      ContentId bundle = client.client().upload(git.bundle("b" + i, "^" + base));
      pushes.add(
          client.event(
              bundle, List.of(GitClient.update("refs/heads/b" + i, null, next)), Map.of()));
    }
    // The same bundle twice: its pack is stored once, and stays.
    pushes.add(pushes.getFirst());
    assertThat(atOnce(pushes)).extracting(answer -> answer.document().get("ok")).containsOnly(true);
    assertThat(client.clone(temp.resolve("copy")).refs()).isEqualTo(git.refs());
    assertThat(client.plan().maps("packs")).hasSize(CLIENTS + 1);
  }

  @Test
  void ofManyPushesOfOneBundleOneJobComes() throws Exception {
    TestClient client = site.client("race/bundle");
    byte[] wire = new TestBundle().commit("c1", List.of(), Map.of("f", "same bundle")).bytes();
    ContentId bundle = client.upload(wire);
    List<GatewayEvent> pushes = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      pushes.add(client.unpackEvent(bundle, Map.of("main", "c1"), Map.of()));
    }
    assertThat(atOnce(pushes)).extracting(Answer::status).containsOnly(200);
    assertThat(client.get("/jobs").maps("jobs")).hasSize(1);
    String repoId = site.repo("race/bundle").repoId();
    assertThat(site.rows("commits where repo_id = '" + repoId + "'")).isEqualTo(1);
  }

  @Test
  void ofManyFirstPushesOneRepositoryComes() throws Exception {
    TestClient client = site.client("race/repo");
    List<GatewayEvent> presigns = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      presigns.add(
          client
              .event("POST", "/push/bundle/presign")
              .json(Map.of("bundle_key", "ab".repeat(32), "size_bytes", 1)));
    }
    assertThat(atOnce(presigns)).extracting(Answer::status).containsOnly(200);
    assertThat(site.rows("repos where owner = 'race' and name = 'repo'")).isEqualTo(1);
  }

  @Test
  void pushesOfOneContentToManyRepositories() throws Exception {
    List<GatewayEvent> pushes = new ArrayList<>();
    List<TestClient> clients = new ArrayList<>();
    byte[] wire =
        new TestBundle()
            .commit("c1", List.of(), Map.of("a", "shared a", "b", "shared b", "c", "shared c"))
            .bytes();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(site.client("race/shared-" + i));
    }
    for (TestClient client : clients) {
      pushes.add(client.unpackEvent(client.upload(wire), Map.of("main", "c1"), Map.of()));
    }
    assertThat(atOnce(pushes)).extracting(Answer::status).containsOnly(200);
    for (TestClient client : clients) {
      assertThat(TestClient.contents(client.fetch(List.of("c1"), List.of()))).hasSize(3);
    }
  }
}
