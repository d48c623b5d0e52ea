package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Machine;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who has no rights does not wake the catalog. */
class PublicReposTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    push("door/open");
    push("door/closed");
    // As a site has it that opened its repository before there was a list.
    new Repos(site.catalog())
        .setPublic(site.repo("door/open").repoId(), true, Machine.CLOCK.instant());
    refs("door/open").expect(200);
  }

  private static void push(String repo) {
    byte[] wire = new TestBundle().commit("c1", List.of(), Map.of("a", repo)).bytes();
    site.client(repo).push(wire, Map.of("main", "c1")).expect(200);
  }

  private static Answer refs(String repo) {
    return site.call(GatewayEvent.of("GET", "/" + repo + "/refs").token(null));
  }

  private static Answer object(String repoId) {
    String path = "/o/" + TestBundle.id("door/open").hex() + "?repo_id=";
    return site.call(GatewayEvent.of("GET", path + repoId).token(null));
  }

  private static String list() throws IOException {
    try (ObjectStore.Download list =
        site.store().get(ObjectKeys.PUBLIC_REPOS, ObjectStore.Read.WHOLE).orElseThrow()) {
      return new String(list.body().readAllBytes(), UTF_8);
    }
  }

  @Test
  void guessesCostNoStatement() {
    String foreign = site.token(Scope.WRITE, "elsewhere/*");
    RequestCounts counts = site.countAgain();
    for (int i = 0; i < 50; i++) {
      refs("guess/n" + i).expectError(404, "repo_not_found");
      refs("door/closed").expectError(404, "repo_not_found");
      object("guess-" + i).expectError(404, "repo_not_found");
      for (String path : List.of("/push/unpack-bundle", "/fetch")) {
        site.call(GatewayEvent.of("POST", "/guess/n" + i + path).token(foreign).json(Map.of()))
            .expectError(404, "repo_not_found");
      }
    }
    assertThat(counts.catalog()).isZero();
    // The list, and a look whether it is new when seconds have passed.
    assertThat(counts.count(RequestKind.S3_GET)).isLessThan(10);
  }

  @Test
  void whatIsPublicIsReadWithoutAToken() {
    RequestCounts counts = site.countAgain();
    refs("door/open").expect(200);
    assertThat(counts.catalog()).isPositive();
    object(site.repo("door/open").repoId()).expect(200);
  }

  /** A list of names alone, as an older release has left it, gets the ids that belong to them. */
  @Test
  void anOlderListIsAddedTo() throws IOException {
    site.store()
        .put(
            ObjectKeys.PUBLIC_REPOS,
            Content.of("door/open\n".getBytes(UTF_8)),
            null,
            ObjectStore.Condition.ALWAYS,
            "text/plain");
    String id = site.repo("door/open").repoId();
    site.countAgain(); // in a new process
    object(id).expect(200);
    assertThat(list()).contains("door/open\n", id + "\n");
    RequestCounts counts = site.countAgain();
    object("guess").expectError(404, "repo_not_found");
    assertThat(counts.catalog()).isZero();
  }

  @Test
  void theListFollowsVisibility() throws IOException {
    push("door/swing");
    TestClient admin = new TestClient(site, "door/swing", site.token(Scope.ADMIN, "door/*"));
    refs("door/swing").expectError(404, "repo_not_found");
    admin.post("/visibility", Map.of("public", true)).expect(200);
    assertThat(list()).contains("door/swing\n").contains("door/open\n");
    refs("door/swing").expect(200);
    admin.post("/visibility", Map.of("public", true)).expect(200);
    admin.post("/visibility", Map.of("public", false)).expect(200);
    assertThat(list()).doesNotContain("door/swing").contains("door/open\n");
    refs("door/swing").expectError(404, "repo_not_found");
  }

  /** A list that names too many changes nothing but the cost. */
  @Test
  void theCatalogHasTheLastWord() {
    push("door/ajar");
    TestClient admin = new TestClient(site, "door/ajar", site.token(Scope.ADMIN, "door/*"));
    admin.post("/visibility", Map.of("public", true)).expect(200);
    new Repos(site.catalog())
        .setPublic(site.repo("door/ajar").repoId(), false, Machine.CLOCK.instant());
    refs("door/ajar").expectError(404, "repo_not_found");
  }
}
