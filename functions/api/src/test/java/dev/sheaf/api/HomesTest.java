package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.repository.token.Scope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A repository is written at its home, and read everywhere. */
class HomesTest {
  private static final String SELF = "https://self.example";
  private static final String PEER = "https://peer.example";
  private static final String REPO = "gabriel/moving";

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
  static void start() {
    site = ApiSite.start();
    site.client(REPO)
        .push(
            new TestBundle().commit("c1", List.of(), Map.of("a", "a")).bytes(),
            Map.of("main", "c1"))
        .expect(200);
    admin = new TestClient(site, REPO, site.token(Scope.ADMIN, "gabriel/*"));
  }

  @BeforeEach
  void liveElsewhere() {
    site.follow(Map.of("SHEAF_SELF", SELF, "SHEAF_PEERS", PEER), List.of(REPOS));
    site.execute("update repos set home = '" + PEER + "', epoch = 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/push/bundle/presign",
        "/push/unpack-bundle",
        "/jobs/x/retry",
        "/visibility",
        "/deletion",
        "/filter-objects",
        "/presign",
        "/push/objects",
        "/push",
        "/tags"
      })
  void everyDoorToWritingNamesTheHome(String route) {
    Answer answer = admin.post(route, Map.of()).expectError(409, "not_home");
    assertThat(answer.text("home")).isEqualTo(PEER);
    assertThat(answer.detail()).contains(REPO, PEER, "sheaf home --take");
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
