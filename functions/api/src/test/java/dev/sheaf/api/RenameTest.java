package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Faults;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A repository with another name is the same one, and nobody learns or loses anything by it. */
class RenameTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static TestClient admin(String repo) {
    String owner = repo.substring(0, repo.indexOf('/'));
    return new TestClient(site, repo, site.token(Scope.ADMIN, owner + "/*"));
  }

  /** Asked for by somebody without a token. */
  private static Answer publicRefs(String repo) {
    return site.call(GatewayEvent.of("GET", "/" + repo + "/refs").token(null));
  }

  private static Answer rename(String repo, String name) {
    return admin(repo).post("/name", Map.of("name", name));
  }

  private static byte[] bundle(String commit, List<String> parents) {
    return new TestBundle().commit(commit, parents, Map.of("a", commit)).bytes();
  }

  private static void push(String repo) {
    admin(repo).push(bundle("c1", List.of()), Map.of("main", "c1")).expect(200);
  }

  @Test
  void allOfItIsAtTheNewNameAndItsKeysWhereTheyWere() {
    push("keeps/before");
    String id = admin("keeps/before").get("/refs").expect(200).text("repo_id");
    Answer renamed = rename("keeps/before", "after").expect(200);
    assertThat(renamed.document())
        .containsEntry("repo_id", id)
        .containsEntry("name", "keeps/after");
    TestClient after = admin("keeps/after");
    assertThat(after.get("/refs").expect(200).text("repo_id")).isEqualTo(id);
    after.push(bundle("c2", List.of("c1")), Map.of("main", "c2")).expect(200);
    assertThat(after.heads()).containsEntry("main", "c2");
    assertThat(site.store().list("bundles/keeps/before/", null, null).objects()).hasSize(2);
    assertThat(site.store().list("bundles/keeps/after/", null, null).objects()).isEmpty();
    rename("keeps/after", "after").expect(200);
    rename("keeps/after", "before").expect(200);
    assertThat(admin("keeps/before").heads()).containsEntry("main", "c2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/push/bundle/presign", "/push/objects", "/push", "/filter-objects"})
  void whoPushesToTheOldNameIsToldTheNewOneAndBeginsNoOther(String route) {
    String repo = "moved/" + route.replaceAll("\\W", "");
    push(repo);
    rename(repo, "new" + route.replaceAll("\\W", "")).expect(200);
    Map<String, ?> body =
        Map.of(
            "bundle_key",
            ApiSite.sha256(new byte[1]).prefixed(),
            "size_bytes",
            1,
            "objects",
            List.of(),
            "object_ids",
            List.of());
    Answer refused = admin(repo).post(route, body).expectError(404, "repo_moved");
    assertThat(refused.text("moved_to")).startsWith("moved/new");
    assertThat(admin(repo).get("/refs").expectError(404, "repo_moved").detail())
        .contains(refused.text("moved_to"));
    // Whose token names the old name alone has no right to the new one, and hears nothing of it.
    TestClient narrow = new TestClient(site, repo, site.token(Scope.WRITE, repo));
    narrow.post(route, body).expectError(404, "repo_not_found");
    narrow.get("/refs").expectError(404, "repo_not_found");
    publicRefs(repo).expectError(404, "repo_not_found");
  }

  @Test
  void nobodyTakesOrLearnsOfAName() {
    push("crowd/mine");
    push("crowd/theirs");
    push("crowd/deleted");
    admin("crowd/deleted")
        .post("/deletion", Map.of("deleted", true, "name", "crowd/deleted"))
        .expect(200);
    rename("crowd/mine", "theirs").expectError(409, "conflict");
    rename("crowd/mine", "deleted").expectError(409, "conflict");
    // Without rights to the name the answer does not tell whether it is anybody's.
    TestClient mine = new TestClient(site, "crowd/mine", site.token(Scope.ADMIN, "crowd/mine"));
    Answer taken = mine.post("/name", Map.of("name", "theirs")).expectError(403, "forbidden");
    Answer free = mine.post("/name", Map.of("name", "nobodys")).expectError(403, "forbidden");
    assertThat(taken.detail().replace("theirs", "nobodys")).isEqualTo(free.detail());
    for (Scope scope : List.of(Scope.READ, Scope.WRITE)) {
      new TestClient(site, "crowd/mine", site.token(scope, "crowd/*"))
          .post("/name", Map.of("name", "other"))
          .expectError(403, "forbidden");
    }
    for (String name : List.of("", ".", "../x", "a/b", "r~elsewhere", "x".repeat(101))) {
      rename("crowd/mine", name).expectError(422, "invalid");
    }
    rename("crowd/none", "other").expectError(404, "repo_not_found");
    assertThat(admin("crowd/mine").heads()).containsEntry("main", "c1");
    assertThat(admin("crowd/theirs").heads()).containsEntry("main", "c1");
  }

  @Test
  void aNameThatWasGivenUpIsFreeForARenaming() {
    push("swap/a");
    push("swap/b");
    String first = admin("swap/a").get("/refs").text("repo_id");
    String second = admin("swap/b").get("/refs").text("repo_id");
    rename("swap/a", "c").expect(200);
    rename("swap/b", "a").expect(200);
    rename("swap/c", "b").expect(200);
    assertThat(admin("swap/a").get("/refs").expect(200).text("repo_id")).isEqualTo(second);
    assertThat(admin("swap/b").get("/refs").expect(200).text("repo_id")).isEqualTo(first);
    admin("swap/a").push(bundle("c2", List.of("c1")), Map.of("main", "c2")).expect(200);
    assertThat(admin("swap/b").heads()).containsEntry("main", "c1");
  }

  @Test
  void whatEverybodyReadsIsReadByItsNewNameAtOnce() throws IOException {
    push("open/old");
    admin("open/old").post("/visibility", Map.of("public", true)).expect(200);
    rename("open/old", "new").expect(200);
    publicRefs("open/new").expect(200);
    assertThat(publicRefs("open/old").expectError(404, "repo_moved").text("moved_to"))
        .isEqualTo("open/new");
    admin("open/new").post("/visibility", Map.of("public", false)).expect(200);
    publicRefs("open/new").expectError(404, "repo_not_found");
    publicRefs("open/old").expectError(404, "repo_not_found");
  }

  /** Whatever breaks off, it is called by one of the two names, and the next attempt ends it. */
  @Test
  void whoDiesBetweenTheStepsLeavesOneNameOrTheOther() throws IOException {
    Faults none = Faults.none();
    renameWith(none, 0);
    assertThat(none.requests()).isLessThan(20);
    int number = 1;
    for (int request = 1; request <= none.requests(); request++) {
      for (Faults.Way way : List.of(Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER)) {
        renameWith(Faults.at(request, way), number++);
      }
    }
    assertThat(
            site.catalog()
                .execute(
                    Statement.of(
                        "select 1::bigint as n from repos where owner = 'crash'"
                            + " and shown <> told_name"))
                .size())
        .isZero();
  }

  private void renameWith(Faults faults, int number) throws IOException {
    String repo = "crash/before" + number;
    String name = "after" + number;
    TestClient admin = admin(repo);
    admin.push(bundle("c1", List.of()), Map.of("main", "c1")).expect(200);
    admin.post("/visibility", Map.of("public", true)).expect(200);
    site.call(admin.event("POST", "/name").json(Map.of("name", name)), faults);
    TestClient renamed = new TestClient(site, "crash/" + name, admin.token());
    site.countAgain(); // A process of its own, which knows no list yet.
    boolean isRenamed = renamed.get("/refs").status() == 200;
    publicRefs(isRenamed ? renamed.repo() : repo).expect(200);
    (isRenamed ? renamed : admin).post("/name", Map.of("name", name)).expect(200);
    publicRefs("crash/" + name).expect(200);
    try (ObjectStore.Download record =
        site.store()
            .get(ObjectKeys.record("crash", "before" + number), ObjectStore.Read.WHOLE)
            .orElseThrow()) {
      assertThat(new String(record.body().readAllBytes(), UTF_8))
          .contains("\"told_name\":\"" + name + "\"");
    }
  }
}
