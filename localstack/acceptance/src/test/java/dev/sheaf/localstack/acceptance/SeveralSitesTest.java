package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.localstack.embedded.EmbeddedSites;
import dev.sheaf.localstack.embedded.EmbeddedStack;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sites that are one another's peers, and follow one another when they are asked to: those that the
 * run is about ({@link PeeredSite#given}), else three embedded ones.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeveralSitesTest {
  private final List<PeeredSite> sites = new ArrayList<>();
  private @Nullable EmbeddedSites embedded;
  private int clones;

  @TempDir private Path temp;

  @BeforeAll
  void findSites() throws Exception {
    Optional<List<PeeredSite>> given = PeeredSite.given();
    if (given.isPresent()) {
      assumeThat(given.get()).as("several sites: -Dsheaf.sites=3, or SHEAF_SITES").isNotEmpty();
      sites.addAll(given.get());
      return;
    }
    EmbeddedSites started =
        EmbeddedSites.start(
            new EmbeddedSites.Layout(3, null, 0, 0),
            _ ->
                EmbeddedStack.builder()
                    .retryAfter(Duration.ofSeconds(1))
                    .peerSyncEvery(Duration.ofHours(1)));
    embedded = started;
    started
        .all()
        .forEach(site -> sites.add(new PeeredSite(site.api().toString(), site.token(), Map.of())));
  }

  @AfterAll
  void stop() {
    if (embedded != null) {
      embedded.close();
    }
  }

  @Test
  void whatIsPushedToOneIsAtAll() throws Exception {
    String repo = "acceptance/" + UUID.randomUUID();
    push(sites.getFirst(), repo);
    awaitMain(sites.getFirst(), repo);
    for (PeeredSite site : sites) {
      sweep(site);
      Api api = site.api(repo);
      JsonNode refs = api.await("/refs", json -> json.at("/branch_heads/main").isTextual());
      assertThat(refs.at("/branch_heads/main").asText()).isEqualTo(Tiny.MAIN);
      assertThat(refs.at("/branch_heads/feature").asText()).isEqualTo(Tiny.FEATURE);
      api.await("/commits?branch=main", json -> json.path("commits").size() > 0);
      assertThat(history(site, repo)).isEqualTo(history(sites.getFirst(), repo));
      assertThat(bundles(site, repo)).isEqualTo(bundles(sites.getFirst(), repo));
    }
  }

  @Test
  void aRepositoryIsWrittenAtItsHomeAlone() throws Exception {
    String repo = "acceptance/" + UUID.randomUUID();
    push(sites.getFirst(), repo);
    PeeredSite other = sites.getLast();
    awaitMain(sites.getFirst(), repo);
    sweep(other);
    awaitMain(other, repo);
    Api.Answer refused = presign(other, repo, Tiny.bundle());
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().path("error").asText()).isEqualTo("not_home");
    assertThat(refused.json().path("home").asText()).isEqualTo(sites.getFirst().url());
    Api.Answer taken = other.api(repo).post("/home", Map.of("take", true));
    assertThat(taken.status()).as(taken.json().toString()).isEqualTo(200);
    assertThat(presign(other, repo, Tiny.bundle()).status()).isEqualTo(200);
    sweep(sites.getFirst());
    JsonNode home = sites.getFirst().api(repo).get("/home").json();
    assertThat(home.path("home").asText()).isEqualTo(other.url());
    assertThat(presign(sites.getFirst(), repo, Tiny.bundle()).status()).isEqualTo(409);
  }

  /** With refs that go and one that is forced back; clones are what real git makes of them. */
  @Test
  void aGitRepositoryThatIsPushedToOneIsClonedFromAll() throws Exception {
    String repo = "acceptance/" + UUID.randomUUID();
    TestGit git = TestGit.init(temp.resolve("original"));
    git.commit("readme.md", "first");
    git.run("tag", "-a", "v1", "-m", "one");
    git.commit("readme.md", "second");
    git.run("branch", "topic");
    assertThat(sheaf(sites.getFirst(), "push", git.folder().toString(), url(repo), "--wait"))
        .isZero();
    requireAtAll(sites.getFirst(), repo, git);

    git.run("tag", "-d", "v1");
    git.run("branch", "-D", "topic");
    git.run("reset", "--hard", "HEAD~1");
    git.commit("readme.md", "another second");
    assertThat(
            sheaf(
                sites.getFirst(),
                "push",
                git.folder().toString(),
                url(repo),
                "--force",
                "--prune",
                "--wait"))
        .isZero();
    requireAtAll(sites.getFirst(), repo, git);

    PeeredSite other = sites.getLast();
    git.commit("readme.md", "third");
    assertThat(sheaf(other, "push", git.folder().toString(), other.url() + "/" + repo)).isNotZero();
    assertThat(other.api(repo).post("/home", Map.of("take", true)).status()).isEqualTo(200);
    assertThat(sheaf(other, "push", git.folder().toString(), other.url() + "/" + repo)).isZero();
    requireAtAll(other, repo, git);
  }

  private String url(String repo) {
    return sites.getFirst().url() + "/" + repo;
  }

  /** Asks a site to follow its peers, and waits until it has. */
  private void sweep(PeeredSite site) {
    assertThat(sheaf(site, "ops", "sweep", site.url())).as(site.url()).isZero();
  }

  private static void awaitMain(PeeredSite site, String repo) throws Exception {
    site.api(repo).await("/refs", json -> json.at("/branch_heads/main").isTextual());
  }

  /**
   * @param origin where it was pushed to
   */
  private void requireAtAll(PeeredSite origin, String repo, TestGit git) throws Exception {
    origin.api(repo).await("/refs", refs -> names(refs).equals(names(git)));
    for (PeeredSite site : sites) {
      sweep(site);
      site.api(repo).await("/refs", refs -> names(refs).equals(names(git)));
      Path copy = temp.resolve("clone" + clones++);
      assertThat(sheaf(site, "clone", site.url() + "/" + repo, copy.toString(), "--bare")).isZero();
      TestGit clone = TestGit.initBare(copy);
      assertThat(clone.refs()).as(site.url()).isEqualTo(git.refs());
      assertThat(clone.run("symbolic-ref", "HEAD")).isEqualTo("refs/heads/main");
      clone.run("fsck", "--full", "--strict");
    }
  }

  private static List<String> names(JsonNode refs) {
    List<String> names = new ArrayList<>();
    refs.path("refs")
        .forEach(ref -> names.add(ref.path("name").asText() + " " + ref.path("target").asText()));
    return names;
  }

  private static List<String> names(TestGit git) {
    return git.run("for-each-ref", "--format=%(refname) %(objectname)").lines().toList();
  }

  private int sheaf(PeeredSite site, String... arguments) {
    SheafProgram.Ended ended = new SheafProgram(temp, site.token()).run(arguments);
    System.out.print(ended.text());
    return ended.exit();
  }

  private static void push(PeeredSite site, String repo) throws Exception {
    byte[] bundle = Tiny.bundle();
    Api.Answer presigned = presign(site, repo, bundle);
    assertThat(presigned.status()).as(presigned.json().toString()).isEqualTo(200);
    JsonNode target = presigned.json();
    assertThat(Api.put(target.path("url").asText(), target.path("headers"), bundle)).isEqualTo(200);
    Api.Answer announced =
        site.api(repo)
            .post(
                "/push/unpack-bundle",
                Map.of(
                    "bundle_key",
                    "sha256:" + Tiny.sha256(bundle),
                    "branch_heads",
                    Map.of("main", Tiny.MAIN, "feature", Tiny.FEATURE)));
    assertThat(announced.status()).as(announced.json().toString()).isEqualTo(200);
  }

  private static Api.Answer presign(PeeredSite site, String repo, byte[] bundle) throws Exception {
    return site.api(repo)
        .post(
            "/push/bundle/presign",
            Map.of("bundle_key", "sha256:" + Tiny.sha256(bundle), "size_bytes", bundle.length));
  }

  /** Commits and files as the site shows them. */
  private static List<JsonNode> history(PeeredSite site, String repo) throws Exception {
    List<JsonNode> history = new ArrayList<>();
    for (String branch : List.of("main", "feature")) {
      history.add(site.api(repo).get("/commits?branch=" + branch).json());
      history.add(site.api(repo).get("/tree/" + branch).json());
    }
    return history;
  }

  /** The bytes that a clone downloads, by their names. */
  private static List<String> bundles(PeeredSite site, String repo) throws Exception {
    JsonNode plan =
        site.api(repo).post("/clone-plan", Map.of("want", List.of(), "have", List.of())).json();
    List<String> bundles = new ArrayList<>();
    for (JsonNode bundle : plan.path("bundles")) {
      byte[] bytes = Api.download(bundle.path("url").asText());
      assertThat(bundle.path("sha256").asText()).endsWith(Tiny.sha256(bytes));
      bundles.add(Tiny.sha256(bytes));
    }
    assertThat(bundles).isNotEmpty();
    return bundles;
  }
}
