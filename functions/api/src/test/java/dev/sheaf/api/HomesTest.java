package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.api.http.Route;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A repository is written at its home, and read everywhere. */
class HomesTest {
  private static final String SELF = "https://self.example";
  private static final String PEER = "https://peer.example";
  private static final String REPO = "gabriel/moving";

  private static final String GIT = "gabriel/git";
  private static final String A_REPO = "/{owner}/{repo}";

  /** Takes a body and reads all the same, or is what takes the home. */
  private static final List<String> OPEN_EVERYWHERE =
      List.of(
          "POST /fetch", "POST /fetch-pack", "POST /clone-plan", "POST /negotiate", "POST /home");

  private static final RegisteredTable REPOS =
      new RegisteredTable(
          "repos",
          List.of(
              new RegisteredTable.Column("repo_id", "text"),
              new RegisteredTable.Column("owner", "text"),
              new RegisteredTable.Column("name", "text"),
              new RegisteredTable.Column("created_at", "timestamptz"),
              new RegisteredTable.Column("home", "text"),
              new RegisteredTable.Column("epoch", "bigint")),
          List.of("repo_id"));

  private static ApiSite site;
  private static TestClient admin;

  @BeforeAll
  static void start(@TempDir Path temp) {
    site = ApiSite.start();
    site.client(REPO)
        .push(
            new TestBundle().commit("c1", List.of(), Map.of("a", "a")).bytes(),
            Map.of("main", "c1"))
        .expect(200);
    TestGit git = TestGit.init(temp.resolve("git"));
    String first = git.commit("a.txt", "one");
    GitClient.of(site, GIT)
        .push(git.bundle("--all"), GitClient.update("refs/heads/main", null, first))
        .expect(200);
    admin = new TestClient(site, REPO, site.token(Scope.ADMIN, "gabriel/*"));
  }

  @BeforeEach
  void liveElsewhere() {
    site.follow(Map.of("SHEAF_SELF", SELF, "SHEAF_PEERS", PEER), List.of(REPOS));
    site.execute("update repos set home = '" + PEER + "', epoch = 0");
  }

  /** A new route that takes a body is a door to writing, unless it is named here. */
  @ParameterizedTest
  @ValueSource(strings = {REPO, GIT})
  void everyDoorToWritingNamesTheHome(String repo) {
    TestClient client = new TestClient(site, repo, admin.token());
    List<String> doors = doors();
    assertThat(doors)
        .as("what is open everywhere is there still")
        .containsAll(OPEN_EVERYWHERE)
        .contains("POST /name", "POST /push/unpack-bundle", "POST /deletion");
    doors.removeAll(OPEN_EVERYWHERE);
    for (String door : doors) {
      String[] parts = door.split(" ", 2);
      Answer answer =
          site.call(client.event(parts[0], parts[1].replaceAll("\\{[^}]*}", "x")).json(Map.of()));
      assertThat(answer.status()).as(door + ": " + answer.document()).isEqualTo(409);
      answer.expectError(409, "not_home");
      assertThat(answer.text("home")).as(door).isEqualTo(PEER);
      assertThat(answer.detail()).as(door).contains(repo, PEER, "sheaf home --take");
    }
  }

  /** Routes of a repository that do not only read by their method, as {@code POST /push}. */
  private static List<String> doors() {
    List<String> doors = new ArrayList<>();
    for (Route route : site.routes()) {
      String template = String.valueOf(route.template());
      if (template.startsWith(A_REPO) && !route.method().equals("GET")) {
        doors.add(route.method() + " " + template.substring(A_REPO.length()));
      }
    }
    return doors;
  }

  @ParameterizedTest
  @ValueSource(strings = {REPO, GIT})
  void whatOnlyReadsIsAskedWithABodyAtAnySite(String repo) {
    TestClient client = new TestClient(site, repo, admin.token());
    for (String door : OPEN_EVERYWHERE) {
      String path = door.split(" ", 2)[1];
      assertThat(client.post(path, Map.of()).document())
          .as(door)
          .doesNotContainEntry("error", "not_home");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/refs", "/commits", "/tree/c1", "/jobs"})
  void readingAsksForNoHome(String route) {
    admin.get(route).expect(200);
  }

  @Test
  void aSiteWithoutPeersIsTheHomeOfAllThatItHas() {
    site.follow(Map.of("SHEAF_SELF", SELF), List.of(REPOS));
    admin.post("/visibility", Map.of("public", false)).expect(200);
    admin.post("/home", Map.of("take", true)).expectError(409, "no_peers");
  }

  @Test
  void anAdministratorTakesTheHomeAndPushesGoOn() {
    Answer before = admin.get("/home").expect(200);
    assertThat(before.document())
        .containsEntry("home", PEER)
        .containsEntry("here", false)
        .containsEntry("moves", 0L);
    Answer after = admin.post("/home", Map.of("take", true)).expect(200);
    assertThat(after.document())
        .containsEntry("home", SELF)
        .containsEntry("here", true)
        .containsEntry("moves", 1L);
    assertThat(admin.post("/home", Map.of("take", true)).document())
        .as("twice is once")
        .isEqualTo(after.document());
    admin.post("/visibility", Map.of("public", false)).expect(200);
  }

  @Test
  void nobodyElseTakesAHome() {
    for (Scope scope : List.of(Scope.READ, Scope.WRITE)) {
      GatewayEvent event =
          GatewayEvent.of("POST", "/" + REPO + "/home")
              .json(Map.of("take", true))
              .token(site.token(scope, "gabriel/*"));
      site.call(event).expectError(403, "forbidden");
    }
    GatewayEvent stranger =
        GatewayEvent.of("POST", "/" + REPO + "/home")
            .json(Map.of("take", true))
            .token(site.token(Scope.ADMIN, "other/*"));
    site.call(stranger).expectError(404, "repo_not_found");
  }
}
