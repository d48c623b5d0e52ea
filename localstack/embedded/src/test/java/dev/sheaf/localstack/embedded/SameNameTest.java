package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenMint;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Two sites make repositories of one name before they hear one another. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SameNameTest {
  private static final String GIT = "me/git";
  private static final String MUSE = "me/muse";
  private static final String MAIN = "refs/heads/main";

  private final GitHistories histories = new GitHistories();
  private final TokenMint mint = new TokenMint(new SecureRandom());

  /** By what they name: tokens of the second site, whose repositories get another name. */
  private final TokenMint.Minted ofTheName = minted(GIT);

  private final TokenMint.Minted ofBoth = minted(GIT, GIT + "~*");
  private final TokenMint.Minted ofTheOwner = minted("me/*");
  private final TokenMint.Minted ofAnother = minted("you/*", "m/*", "*/git~x");

  @SuppressWarnings("NullAway.Init")
  private EmbeddedSites sites;

  private TokenMint.Minted minted(String... globs) {
    return mint.mint(
        String.join(" ", globs).replaceAll("[^a-z ]", "-"),
        Set.of(Scope.ADMIN, Scope.READ, Scope.WRITE),
        Stream.of(globs).map(RepoGlob::parse).toList(),
        null);
  }

  @BeforeAll
  void start() throws Exception {
    sites =
        EmbeddedSites.start(
            new EmbeddedSites.Layout(2, null, 0, 0),
            site ->
                EmbeddedStack.builder()
                    .retryAfter(Duration.ofSeconds(1))
                    .peerSyncEvery(Duration.ofHours(1))
                    .tokens(
                        site == 0
                            ? List.of()
                            : Stream.of(ofTheName, ofBoth, ofTheOwner, ofAnother)
                                .map(TokenMint.Minted::entry)
                                .toList()));
    for (int site = 0; site < 2; site++) {
      pushGit(site, GIT, null);
      assertThat(
              at(site, MUSE).push("main", "muse" + site, null, new byte[] {(byte) site}).status())
          .isEqualTo(200);
    }
    assertThat(at(1, GIT).post("/visibility", Map.of("public", true)).status()).isEqualTo(200);
    follow();
  }

  @AfterAll
  void stop() {
    sites.close();
  }

  private void follow() throws Exception {
    for (int i = 0; i < 2; i++) {
      for (EmbeddedStack site : sites.all()) {
        site.followPeers();
      }
    }
  }

  private SiteClient at(int site, String repo) {
    return SiteClient.of(sites.site(site), repo);
  }

  private SiteClient as(TokenMint.Minted token, String repo) {
    return new SiteClient(sites.site(1).api().toString(), token.token(), repo);
  }

  /** What the second site made, as it is shown. */
  private String second(String name) {
    return name + "~127.0.0.1-" + sites.site(1).api().getPort();
  }

  private String pushGit(int site, String repo, @Nullable String parent) throws Exception {
    String commit = histories.commit(parent, (site + repo + parent).getBytes(UTF_8));
    Map<String, @Nullable Object> update = new HashMap<>();
    update.put("name", MAIN);
    update.put("old", parent);
    update.put("new", commit);
    SiteClient.Answer answer =
        at(site, repo).pushRef(histories.bundle(MAIN, commit, parent), update);
    assertThat(answer.json().at("/results/0/status").asText())
        .as(answer.toString())
        .isEqualTo("ok");
    return commit;
  }

  private String main(int site, String repo) throws IOException, InterruptedException {
    return SiteClient.gitRefs(at(site, repo).get("/refs")).getOrDefault(MAIN, "none");
  }

  @Test
  void bothAreShownAndClonedAtBothAndPushedAtTheirHomes() throws Exception {
    String first = pushGit(0, GIT, main(0, GIT));
    String other = pushGit(1, second(GIT), main(1, second(GIT)));
    SiteClient.Answer refused =
        at(0, second(GIT))
            .post(
                "/push/bundle/presign",
                Map.of("bundle_key", "sha256:" + "0".repeat(64), "size_bytes", 9));
    assertThat(refused.json().path("error").asText()).isEqualTo("not_home");
    assertThat(refused.json().path("detail").asText()).contains(second(GIT));
    follow();
    for (int site = 0; site < 2; site++) {
      assertThat(main(site, GIT)).isEqualTo(first);
      assertThat(main(site, second(GIT))).isEqualTo(other);
      assertThat(GitRounds.clone(at(site, GIT))).contains(first).doesNotContain(other);
      assertThat(GitRounds.clone(at(site, second(GIT)))).contains(other).doesNotContain(first);
    }
    assertThat(at(0, GIT).get("/refs").json().path("repo_id"))
        .isEqualTo(at(1, GIT).get("/refs").json().path("repo_id"));
  }

  @Test
  void bundlesOfBothFindTheirWay() throws Exception {
    assertThat(at(0, MUSE).push("main", "next0", "muse0", new byte[] {7}).status()).isEqualTo(200);
    assertThat(at(1, second(MUSE)).push("main", "next1", "muse1", new byte[] {8}).status())
        .isEqualTo(200);
    follow();
    for (int site = 0; site < 2; site++) {
      SitesConvergenceTest.awaitJobs(sites.site(site));
      assertThat(at(site, MUSE).heads()).isEqualTo(Map.of("main", "next0"));
      assertThat(at(site, second(MUSE)).heads()).isEqualTo(Map.of("main", "next1"));
      assertThat(at(site, MUSE).get("/commits").json().toString())
          .contains("muse0")
          .doesNotContain("muse1");
      assertThat(at(site, second(MUSE)).get("/commits").json().toString())
          .contains("next1", "muse1")
          .doesNotContain("muse0");
    }
  }

  @Test
  void aTokenOpensNothingByWhatAPeerTellsOfNames() throws Exception {
    for (String repo : List.of(GIT, second(GIT))) {
      assertThat(as(ofTheOwner, repo).get("/jobs").status()).as(repo).isEqualTo(200);
      assertThat(as(ofAnother, repo).get("/jobs").status()).as(repo).isIn(403, 404);
      assertThat(as(ofAnother, repo).post("/home", Map.of("take", true)).status())
          .as(repo)
          .isIn(403, 404);
      // It was for what had the name when the second site made it, and that is shown otherwise now.
      assertThat(as(ofTheName, repo).get("/jobs").status()).as(repo).isIn(403, 404);
      assertThat(as(ofTheName, repo).post("/home", Map.of("take", true)).status())
          .as(repo)
          .isIn(403, 404);
    }
    assertThat(as(ofBoth, second(GIT)).get("/jobs").status()).isEqualTo(200);
    // The first site's has the name, and the second one's was public by it.
    String site = sites.site(1).api().toString();
    assertThat(new SiteClient(site, "", GIT).get("/refs").status()).isEqualTo(404);
    assertThat(new SiteClient(site, "", second(GIT)).get("/refs").status()).isEqualTo(200);
  }

  @Test
  void whatItsHomeMadePublicIsReadWithoutATokenAtAll() throws Exception {
    for (EmbeddedStack site : sites.all()) {
      SiteClient anybody = new SiteClient(site.api().toString(), "", second(GIT));
      assertThat(anybody.get("/refs").status()).as(anybody.site()).isEqualTo(200);
    }
  }

  @Test
  void aRepositoryIsRenamedAtItsHomeAndForAll() throws Exception {
    String commit = pushGit(1, "me/before", null);
    follow();
    Map<String, String> name = Map.of("name", "after");
    assertThat(at(0, "me/before").post("/name", name).json().path("error").asText())
        .isEqualTo("not_home");
    assertThat(at(1, "me/before").post("/name", name).status()).isEqualTo(200);
    String next = pushGit(1, "me/after", commit);
    follow();
    for (int site = 0; site < 2; site++) {
      assertThat(main(site, "me/after")).isEqualTo(next);
      assertThat(GitRounds.clone(at(site, "me/after"))).contains(commit, next);
      assertThat(at(site, "me/before").get("/refs").json().path("moved_to").asText())
          .isEqualTo("me/after");
    }
    // Its name was the first site's to give all the while.
    SiteClient.Answer taken = at(0, GIT).post("/name", name);
    assertThat(taken.status()).as(taken.toString()).isEqualTo(409);
  }

  @Test
  void nobodyMakesSuchAName() throws Exception {
    SiteClient.Answer answer =
        at(0, "me/new~127.0.0.1-1")
            .post(
                "/push/bundle/presign",
                Map.of("bundle_key", "sha256:" + "0".repeat(64), "size_bytes", 9));
    assertThat(answer.status()).isEqualTo(404);
    assertThat(at(0, "me~x/new").get("/refs").status()).isEqualTo(404);
  }
}
