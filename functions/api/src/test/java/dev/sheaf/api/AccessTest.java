package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.repository.Repos;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.wiring.Machine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every route of a repository, asked by everybody who might. */
class AccessTest {
  private static final String READS =
      """
      GET /refs
      POST /fetch
      POST /clone-plan
      GET /objects/5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
      GET /commits
      GET /tree/c1
      POST /filter-objects
      """;
  private static final String JOBS =
      """
      GET /jobs
      GET /jobs/x
      """;
  private static final String WRITES =
      """
      POST /push/bundle/presign
      POST /push/unpack-bundle
      POST /jobs/x/retry
      """;

  private static ApiSite site;
  private static TestClient owner;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    owner = site.client("gabriel/closed");
    owner.push(bundle(), Map.of("main", "c1")).expect(200);
    TestClient open = site.client("gabriel/open");
    open.push(bundle(), Map.of("main", "c1")).expect(200);
    new Repos(site.catalog())
        .setPublic(site.repo("gabriel/open").repoId(), true, Machine.CLOCK.instant());
  }

  private static byte[] bundle() {
    return new TestBundle().commit("c1", List.of(), Map.of("a", "a")).bytes();
  }

  private static List<GatewayEvent> events(String routes, String repo) {
    return routes
        .lines()
        .map(line -> line.split(" ", 2))
        .map(parts -> {
          GatewayEvent event = GatewayEvent.of(parts[0], "/gabriel/" + repo + parts[1]);
          return parts[0].equals("POST") ? event.json(Map.of()) : event;
        })
        .toList();
  }

  private static void expect(String routes, String repo, String token, int status, String code) {
    for (GatewayEvent event : events(routes, repo)) {
      site.call(event.token(token)).expectError(status, code);
    }
  }

  /** The request got past the guard: whatever it says now is about its content. */
  private static void expectLetIn(String routes, String repo, String token) {
    for (GatewayEvent event : events(routes, repo)) {
      Answer answer = site.call(token.isEmpty() ? event.token(null) : event.token(token));
      assertThat(answer.status()).as(answer.rawBody()).isIn(200, 404, 422);
      if (answer.status() == 404) {
        assertThat(answer.text("error")).isNotEqualTo("repo_not_found");
      }
    }
  }

  @Test
  void aPrivateRepositoryIsNotThereForTheAnonymous() {
    for (GatewayEvent event : events(READS, "closed")) {
      site.call(event.token(null)).expectError(404, "repo_not_found");
    }
  }

  @Test
  void aPublicRepositoryIsReadableByAll() {
    expectLetIn(READS, "open", "");
    expectLetIn(READS, "open", site.token(Scope.READ, "other/*"));
  }

  /** The errors of jobs tell of what else is in the bucket and the catalog. */
  @Test
  void jobsAreForThoseWhoseTokenOpensTheRepository() {
    expect(JOBS, "open", site.token(Scope.READ, "other/*"), 403, "forbidden");
    expect(JOBS, "closed", site.token(Scope.READ, "other/*"), 404, "repo_not_found");
    expectLetIn(JOBS, "open", site.token(Scope.READ, "gabriel/open"));
    expectLetIn(JOBS, "closed", owner.token());
  }

  @Test
  void writingAndJobsNeedAToken() {
    for (String repo : List.of("open", "closed", "none")) {
      for (GatewayEvent event : events(WRITES + JOBS, repo)) {
        Answer answer = site.call(event.token(null));
        answer.expectError(401, "unauthenticated");
        assertThat(answer.detail()).startsWith("Access code required.");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"closed", "open", "none"})
  void aTokenThatIsNotKnownIsRefusedEverywhere(String repo) {
    for (String routes : List.of(READS, WRITES)) {
      for (GatewayEvent event : events(routes, repo)) {
        Answer answer = site.call(event.token("sheaf_" + "x".repeat(43)));
        answer.expectError(401, "unauthenticated");
        assertThat(answer.detail()).isEqualTo("Invalid or expired access code.");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
      }
    }
  }

  @Test
  void anotherSchemeIsRefused() {
    GatewayEvent event =
        GatewayEvent.of("GET", "/gabriel/open/refs").header("Authorization", "Basic YTpi");
    site.call(event).expectError(401, "unauthenticated");
  }

  @Test
  void theSchemesNameIsNotCaseSensitive() {
    GatewayEvent event =
        GatewayEvent.of("GET", "/gabriel/closed/refs")
            .header("authorization", "bearer " + owner.token());
    site.call(event).expect(200);
  }

  @Test
  void aReaderReadsAndDoesNotWrite() {
    String reader = site.token(Scope.READ, "gabriel/*");
    expectLetIn(READS, "closed", reader);
    expect(WRITES, "closed", reader, 403, "forbidden");
  }

  @Test
  void aWriterMayBoth() {
    expectLetIn(READS, "closed", owner.token());
    expectLetIn(WRITES, "closed", owner.token());
  }

  @Test
  void aTokenForOtherRepositoriesSeesNothingOfThisOne() {
    for (Scope scope : Scope.values()) {
      String foreign = site.token(scope, "other/*", "gabriel/close", "gabriel/*closed2");
      expect(READS, "closed", foreign, 404, "repo_not_found");
      expect(WRITES, "closed", foreign, 404, "repo_not_found");
      expect(WRITES, "open", foreign, 403, "forbidden");
    }
  }

  @Test
  void aPeersTokenIsNoneForRepositories() {
    String peer = site.token(Scope.PEER, "*");
    expect(READS, "closed", peer, 404, "repo_not_found");
    expect(WRITES, "closed", peer, 404, "repo_not_found");
  }

  @Test
  void anUnknownRepositoryLooksLikeAPrivateOne() {
    String reader = site.token(Scope.READ, "other/*");
    Answer unknown = site.call(GatewayEvent.of("GET", "/gabriel/none/refs").token(reader));
    Answer closed = site.call(GatewayEvent.of("GET", "/gabriel/closed/refs").token(reader));
    unknown.expectError(404, "repo_not_found");
    assertThat(closed.rawBody()).isEqualTo(unknown.rawBody().replace("/none", "/closed"));
  }

  @Test
  void anAdministratorOpensARepositoryAndClosesIt() {
    TestClient client = site.client("gabriel/door");
    client.push(bundle(), Map.of("main", "c1")).expect(200);
    TestClient admin = new TestClient(site, "gabriel/door", site.token(Scope.ADMIN, "gabriel/*"));
    GatewayEvent refs = GatewayEvent.of("GET", "/gabriel/door/refs").token(null);

    Answer opened = admin.post("/visibility", Map.of("public", true)).expect(200);
    assertThat(opened.document()).containsEntry("public", true);
    site.call(refs).expect(200);

    client.post("/visibility", Map.of("public", false)).expectError(403, "forbidden");
    site.call(client.event("POST", "/visibility").token(null).json(Map.of("public", false)))
        .expectError(401, "unauthenticated");
    admin.post("/visibility", Map.of()).expectError(422, "invalid");
    site.call(refs).expect(200);

    admin.post("/visibility", Map.of("public", false)).expect(200);
    site.call(refs).expectError(404, "repo_not_found");
  }

  @Test
  void objectsOfOtherRepositoriesAreNotServed() {
    TestClient other = site.client("other/repo");
    byte[] wire = new TestBundle().commit("o1", List.of(), Map.of("o", "only there")).bytes();
    other.push(wire, Map.of("main", "o1")).expect(200);
    String id = TestBundle.id("only there").hex();
    other.get("/objects/" + id).expect(200);
    owner.get("/objects/" + id).expectError(404, "object_not_found");
    assertThat(owner.post("/filter-objects", Map.of("object_ids", List.of(id))).document())
        .containsEntry("missing", List.of(id));
    String job = String.valueOf(other.get("/jobs").maps("jobs").getFirst().get("job_id"));
    owner.get("/jobs/" + job).expectError(404, "job_not_found");
    owner.post("/jobs/" + job + "/retry", Map.of()).expectError(404, "job_not_found");
    owner.get("/tree/o1").expectError(404, "commit_not_found");
    assertThat(owner.fetch(List.of("o1"), List.of()).expect(200).maps("commits")).isEmpty();
  }
}
