package dev.sheaf.api;

import static dev.sheaf.api.GitClient.update;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A deleted repository is nowhere to be seen, and all of it comes back. */
class DeletionTest {
  private static ApiSite site;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static TestClient admin(String repo) {
    return new TestClient(site, repo, site.token(Scope.ADMIN, repo));
  }

  private static Answer delete(String repo) {
    return admin(repo).post("/deletion", Map.of("deleted", true, "name", repo));
  }

  private static Answer undo(String repo) {
    return admin(repo).post("/deletion", Map.of("deleted", false, "name", repo));
  }

  private static void push(String repo) {
    byte[] wire = new TestBundle().commit("c1", List.of(), Map.of("a", repo)).bytes();
    site.client(repo).push(wire, Map.of("main", "c1")).expect(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/refs", "/commits", "/tree/c1", "/jobs", "/home"})
  void nobodySeesItAndUndoBringsItBack(String route) {
    String repo = "hidden/" + route.replaceAll("\\W", "");
    push(repo);
    admin(repo).get(route).expect(200);
    String since = delete(repo).expect(200).text("deleted_at");
    admin(repo).get(route).expectError(404, "repo_not_found");
    String id =
        site.catalog()
            .execute(
                Statement.of("select repo_id from repos where owner || '/' || name = :place")
                    .text("place", repo))
            .first()
            .orElseThrow()
            .text("repo_id");
    ContentId object = ApiSite.sha256(repo.getBytes(UTF_8));
    site.call(
            GatewayEvent.of("GET", "/o/" + object.hex() + "?repo_id=" + id)
                .token(site.token(Scope.ADMIN, repo)))
        .expectError(404, "repo_not_found");
    assertThat(delete(repo).expect(200).text("deleted_at")).as("twice is once").isEqualTo(since);
    assertThat(undo(repo).expect(200).document()).containsEntry("deleted_at", null);
    admin(repo).get(route).expect(200);
    undo(repo).expect(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/push/bundle/presign", "/push/objects", "/push", "/filter-objects"})
  void itsNameIsNobodysUntilItsBytesAreGone(String route) {
    String repo = "reserved/" + route.replaceAll("\\W", "");
    push(repo);
    String until = delete(repo).expect(200).text("bytes_until");
    Answer refused =
        site.client(repo)
            .post(
                route,
                Map.of(
                    "bundle_key",
                    ApiSite.sha256(new byte[1]).prefixed(),
                    "size_bytes",
                    1,
                    "objects",
                    List.of(),
                    "object_ids",
                    List.of()));
    assertThat(refused.expectError(409, "conflict").detail())
        .contains(repo, until, "sheaf delete --undo");
    undo(repo).expect(200);
    assertThat(site.client(repo).heads()).containsEntry("main", "c1");
  }

  @Test
  void onlyAnAdministratorWhoNamesItDeletesIt() {
    push("careful/repo");
    for (Scope scope : List.of(Scope.READ, Scope.WRITE)) {
      new TestClient(site, "careful/repo", site.token(scope, "careful/*"))
          .post("/deletion", Map.of("deleted", true, "name", "careful/repo"))
          .expectError(403, "forbidden");
    }
    new TestClient(site, "careful/repo", site.token(Scope.ADMIN, "other/*"))
        .post("/deletion", Map.of("deleted", true, "name", "careful/repo"))
        .expectError(404, "repo_not_found");
    admin("careful/repo")
        .post("/deletion", Map.of("deleted", true, "name", "careful/other"))
        .expectError(422, "invalid");
    admin("careful/repo").get("/refs").expect(200);
    delete("careful/none").expectError(404, "repo_not_found");
  }

  @Test
  void whatEverybodyCouldReadNobodyCanAndThenEverybodyAgain() {
    push("open/repo");
    admin("open/repo").post("/visibility", Map.of("public", true)).expect(200);
    GatewayEvent stranger = GatewayEvent.of("GET", "/open/repo/refs").token(null);
    site.call(stranger).expect(200);
    delete("open/repo").expect(200);
    site.call(stranger).expectError(404, "repo_not_found");
    undo("open/repo").expect(200);
    site.call(stranger).expect(200);
  }

  /** What was accepted goes on, and is there when the repository is. */
  @Test
  void aPushWhoseJobIsStillToComeIsNotLost() {
    GitClient client = GitClient.of(site, "busy/repo");
    TestGit git = TestGit.init(temp.resolve("work"));
    String first = git.commit("a.txt", "one");
    client.push(git.bundle("--all"), update("refs/heads/main", null, first)).expect(200);
    String second = git.commit("a.txt", "two");
    byte[] bundle = git.bundle("main", "^" + first);
    ContentId name = client.client().upload(bundle);
    site.callUnread(
            client
                .client()
                .event("POST", "/push/unpack-bundle")
                .json(
                    Map.of(
                        "bundle_key",
                        name.prefixed(),
                        "updates",
                        List.of(update("refs/heads/main", first, second)))))
        .expect(200);
    String id = site.repo("busy/repo").repoId();
    delete("busy/repo").expect(200);
    site.runJobsOf(id);
    undo("busy/repo").expect(200);
    assertThat(client.refs()).containsExactly("refs/heads/main " + second);
    assertThat(client.client().get("/jobs").expect(200).maps("jobs"))
        .allSatisfy(job -> assertThat(job).containsEntry("status", "done"));
    assertThat(client.clone(temp.resolve("copy")).refs()).isEqualTo(git.refs());
  }
}
