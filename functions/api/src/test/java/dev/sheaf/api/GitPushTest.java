package dev.sheaf.api;

import static dev.sheaf.api.GitClient.forced;
import static dev.sheaf.api.GitClient.outcome;
import static dev.sheaf.api.GitClient.update;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushes of git bundles, announced, on real repositories. */
class GitPushTest {
  private static ApiSite site;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  @Test
  void aSmallPushIsReadableWhenItIsAnswered() {
    GitClient client = GitClient.of(site, "small/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    git.commit("a.txt", "one");
    git.run("tag", "-a", "v1", "-m", "first");
    git.run("branch", "topic");
    Answer pushed =
        client.push(
            git.bundle("--all"),
            update("refs/heads/main", null, git.id("main")),
            update("refs/heads/topic", null, git.id("topic")),
            update("refs/tags/v1", null, git.id("v1")));
    pushed.expect(200);
    assertThat(pushed.document()).containsEntry("ok", true).containsEntry("kind", "git");
    assertThat(pushed.document()).containsEntry("pending", false);
    assertThat(outcome(pushed))
        .containsEntry("refs/heads/main", "ok")
        .containsEntry("refs/tags/v1", "ok");
    assertThat(client.refs()).isEqualTo(git.refs());
    assertThat(client.head()).containsEntry("symref", "refs/heads/main");
    assertThat(client.clone(temp.resolve("copy")).refs()).isEqualTo(git.refs());
    assertThat(client.client().get("/jobs").expect(200).maps("jobs").getFirst())
        .containsEntry("status", "done");
    assertThat(client.client().get("/refs").expect(200).map("branch_heads"))
        .containsEntry("main", git.id("main"));
  }

  @Test
  void aThinPushBringsOnlyWhatIsNew() {
    GitClient client = GitClient.of(site, "thin/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    git.commit("a.txt", "line\n".repeat(1_000));
    String first = git.id("main");
    client.push(git.bundle("--all"), update("refs/heads/main", null, first)).expect(200);
    git.commit("a.txt", "line\n".repeat(1_000) + "more\n");
    byte[] thin = git.bundle("main", "^" + first);
    Answer pushed = client.push(thin, update("refs/heads/main", first, git.id("main")));
    assertThat(outcome(pushed.expect(200))).containsEntry("refs/heads/main", "ok");
    assertThat(client.plan().maps("packs")).hasSize(2);
    assertThat(client.clone(temp.resolve("copy")).refs()).isEqualTo(git.refs());
  }

  @Test
  void aGitBundleAnnouncedAsMuseIsToldWhatItIs() {
    GitClient client = GitClient.of(site, "mistaken/repo");
    TestGit git = TestGit.init(temp.resolve("mistaken"));
    String first = git.commit("a.txt", "one");
    byte[] bundle = git.bundle("--all");
    Answer refused = client.client().unpack(client.client().upload(bundle), Map.of("main", first));
    assertThat(refused.expectError(422, "invalid").text("detail"))
        .contains("is a git bundle", "'updates'");
    client.push(bundle, update("refs/heads/main", null, first)).expect(200);
    assertThat(client.refs()).containsExactly("refs/heads/main " + first);
  }

  @Test
  void aPushThatLosesItsRefLeavesNoPackBehind() {
    GitClient client = GitClient.of(site, "lost/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    client.push(git.bundle("--all"), update("refs/heads/main", null, first)).expect(200);
    List<String> before = keys("git/lost/repo/");
    String ours = git.commit("a.txt", "two");
    client
        .push(git.bundle("main", "^" + first), update("refs/heads/main", first, ours))
        .expect(200);
    List<String> after = keys("git/lost/repo/");

    git.run("reset", "-q", "--hard", first);
    String theirs = git.commit("b.txt", "other");
    Answer lost =
        client.push(git.bundle("main", "^" + first), update("refs/heads/main", first, theirs));
    assertThat(outcome(lost.expect(200))).containsEntry("refs/heads/main", "stale");
    assertThat(lost.maps("results").getFirst()).containsEntry("present", ours);
    assertThat(
            outcome(
                client.push(git.bundle("main", "^" + first), update("refs/heads/main", theirs))))
        .containsEntry("refs/heads/main", "non_fast_forward");
    assertThat(keys("git/lost/repo/")).isEqualTo(after).hasSize(before.size() + 2);
    assertThat(client.refs()).containsExactly("refs/heads/main " + ours);

    // The event of what was refused moves nothing either.
    site.passGrace();
    byte[] bundle = git.bundle("main", "^" + first);
    site.uploadEvent("lost/repo", ApiSite.sha256(bundle), bundle.length);
    assertThat(client.refs()).containsExactly("refs/heads/main " + ours);

    Answer won = client.push(bundle, forced("refs/heads/main", theirs));
    assertThat(outcome(won.expect(200))).containsEntry("refs/heads/main", "ok");
    assertThat(client.clone(temp.resolve("copy")).refs())
        .containsExactly("refs/heads/main " + theirs);
  }

  @Test
  void atomicPushesMoveAllOrNothing() {
    GitClient client = GitClient.of(site, "atomic/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    client.push(git.bundle("--all"), update("refs/heads/main", null, first)).expect(200);
    String second = git.commit("a.txt", "two");
    ContentId bundle = client.client().upload(git.bundle("main", "^" + first));
    Answer refused =
        client.announce(
            bundle,
            List.of(
                update("refs/heads/main", first, second), update("refs/heads/new", first, second)),
            Map.of("atomic", true));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(outcome(refused))
        .containsEntry("refs/heads/main", "atomic")
        .containsEntry("refs/heads/new", "stale");
    assertThat(client.refs()).containsExactly("refs/heads/main " + first);
    Answer partly =
        client.announce(
            bundle,
            List.of(
                update("refs/heads/main", first, second), update("refs/heads/new", first, second)),
            Map.of());
    assertThat(outcome(partly.expect(200)))
        .containsEntry("refs/heads/main", "ok")
        .containsEntry("refs/heads/new", "stale");
    assertThat(partly.document()).containsEntry("ok", false);
  }

  @Test
  void refsAreMovedDeletedAndFollowedByHead() {
    GitClient client = GitClient.of(site, "refs/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    String second = git.commit("a.txt", "two");
    client.push(git.bundle("--all"), update("refs/heads/main", second)).expect(200);
    // To what is here, without a bundle.
    assertThat(
            outcome(
                client.move(
                    update("refs/heads/a", first),
                    update("refs/tags/light", second),
                    update("refs/notes/x", null),
                    update("refs/heads/nowhere", "1".repeat(40)))))
        .containsEntry("refs/heads/a", "ok")
        .containsEntry("refs/tags/light", "ok")
        .containsEntry("refs/notes/x", "unchanged")
        .containsEntry("refs/heads/nowhere", "missing_objects");
    // A tag moves by force only, a branch forward.
    assertThat(outcome(client.move(update("refs/tags/light", first))))
        .containsEntry("refs/tags/light", "non_fast_forward");
    assertThat(
            outcome(client.move(forced("refs/tags/light", first), update("refs/heads/a", second))))
        .containsEntry("refs/tags/light", "ok")
        .containsEntry("refs/heads/a", "ok");
    // A branch becomes a folder, with HEAD going elsewhere.
    Answer renamed =
        client.announce(
            null,
            List.of(update("refs/heads/main", second, null), update("refs/heads/main/b", second)),
            Map.of("head", Map.of("symref", "refs/heads/main/b")));
    assertThat(outcome(renamed.expect(200)))
        .containsEntry("refs/heads/main", "ok")
        .containsEntry("refs/heads/main/b", "ok");
    assertThat(client.head()).containsEntry("symref", "refs/heads/main/b");
    assertThat(client.client().get("/refs").document()).containsEntry("default_branch", "main/b");
    assertThat(outcome(client.move(update("refs/heads/main", second))))
        .containsEntry("refs/heads/main", "conflicts");
    // An unborn HEAD, and a detached one.
    client.announce(null, List.of(), Map.of("head", Map.of("symref", "refs/heads/x"))).expect(200);
    assertThat(client.head()).containsEntry("symref", "refs/heads/x");
    client.announce(null, List.of(), Map.of("head", Map.of("detached", first))).expect(200);
    assertThat(client.head()).containsEntry("detached", first);
  }

  @Test
  void namesAreBytes() {
    GitClient client = GitClient.of(site, "names/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    Map<String, @Nullable Object> latin = new LinkedHashMap<>();
    byte[] name = "refs/heads/caf\u00e9".getBytes(ISO_8859_1);
    latin.put("name_b64", Base64.getEncoder().encodeToString(name));
    latin.put("new", first);
    Answer pushed =
        client.push(
            git.bundle("--all"),
            update("refs/heads/main", first),
            update("refs/heads/\u00fc/\u732b", first),
            latin,
            update("refs/heads/a..b", first),
            update("refs/heads/x\n", first),
            update("refs/heads/" + "l".repeat(251), first));
    assertThat(outcome(pushed.expect(200)).values())
        .containsExactlyInAnyOrder("ok", "ok", "ok", "bad_name", "bad_name", "bad_name");
    assertThat(pushed.maps("results").getLast().get("detail"))
        .isEqualTo(
            "its last part has 251 bytes, 250 are the most: git could write no '.lock' beside it");
    assertThat(client.refs())
        .hasSize(3)
        .contains("refs/heads/caf\u00e9 " + first, "refs/heads/main " + first);
  }

  /** What is asked for cannot be: nothing moves, by the announcement or by the upload's event. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "atomic, bad name",
        "nothing but bad names",
        "no object id",
        "no new",
        "no base64",
        "no symref",
        "named twice"
      })
  void aRefusedPushStaysRefused(String fault) {
    String repo = "refused/" + fault.replaceAll("[^a-z]+", "-");
    GitClient client = GitClient.of(site, repo);
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", fault);
    byte[] bytes = git.bundle("--all");
    ContentId bundle = client.client().upload(bytes);
    Map<String, @Nullable Object> main = update("refs/heads/main", first);
    Map<String, @Nullable Object> bad = update("refs/heads/a..b", first);
    Answer refused =
        switch (fault) {
          case "atomic, bad name" ->
              client.announce(bundle, List.of(main, bad), Map.of("atomic", true));
          case "nothing but bad names" -> client.announce(bundle, List.of(bad), Map.of());
          case "no object id" ->
              client.announce(bundle, List.of(update("refs/heads/main", "x")), Map.of());
          case "no new" ->
              client.announce(bundle, List.of(Map.of("name", "refs/heads/main")), Map.of());
          case "no base64" ->
              client.announce(bundle, List.of(Map.of("name_b64", "?", "new", first)), Map.of());
          case "no symref" ->
              client.announce(bundle, List.of(main), Map.of("head", Map.of("symref_b64", "?")));
          default -> client.announce(bundle, List.of(main, main), Map.of());
        };
    switch (fault) {
      case "atomic, bad name" ->
          assertThat(outcome(refused)).containsValues("atomic", "bad_name").hasSize(2);
      case "nothing but bad names" ->
          assertThat(outcome(refused.expect(200))).containsOnlyKeys(base64("refs/heads/a..b"));
      default -> refused.expectError(422, "invalid");
    }
    site.uploadEvent(repo, bundle, bytes.length);
    site.passGrace();
    site.runJobs(repo);
    assertThat(client.client().get("/refs").document()).containsEntry("kind", null);
    assertThat(client.client().get("/jobs").maps("jobs")).isEmpty();

    assertThat(outcome(client.announce(bundle, List.of(main), Map.of()).expect(200)))
        .containsEntry("refs/heads/main", "ok");
  }

  private static String base64(String name) {
    return Base64.getEncoder().encodeToString(name.getBytes(ISO_8859_1));
  }

  @Test
  void whatABundleBuildsOnMustBeHere() {
    GitClient client = GitClient.of(site, "base/repo");
    GitClient other = GitClient.of(site, "base/other");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    byte[] whole = git.bundle("--all");
    other.push(whole, update("refs/heads/main", first)).expect(200);
    String second = git.commit("a.txt", "two");
    byte[] thin = git.bundle("main", "^" + first);
    Answer early = client.push(thin, update("refs/heads/main", second));
    assertThat(early.status()).isEqualTo(422);
    assertThat(early.text("detail")).contains("builds on " + first).contains("not here");
    assertThat(client.client().get("/refs").document()).containsEntry("kind", null);
    client.push(whole, update("refs/heads/main", first)).expect(200);
    assertThat(outcome(client.push(thin, update("refs/heads/main", second)).expect(200)))
        .containsEntry("refs/heads/main", "ok");
  }

  @Test
  void whatAnotherRepositoryHasIsNotHere() {
    GitClient theirs = GitClient.of(site, "tenant/theirs");
    GitClient mine = GitClient.of(site, "tenant/mine");
    TestGit git = TestGit.init(temp.resolve("a"));
    String secret = git.commit("a.txt", "secret\n".repeat(200));
    theirs.push(git.bundle("main"), update("refs/heads/main", secret)).expect(200);
    String next = git.commit("a.txt", "secret\n".repeat(200) + "more");
    byte[] thin = git.bundle("main", "^" + secret);
    TestGit other = TestGit.init(temp.resolve("b"));
    String own = other.commit("b.txt", "own");
    mine.push(other.bundle("main"), update("refs/heads/main", own)).expect(200);

    // By a ref, by a prerequisite, and by a delta that says nothing of what it builds on.
    String unknown = "1".repeat(40);
    assertThat(outcome(mine.move(update("refs/heads/x", secret), update("refs/heads/y", unknown))))
        .containsEntry("refs/heads/x", "missing_objects")
        .containsEntry("refs/heads/y", "missing_objects");
    Answer refused = mine.push(thin, update("refs/heads/x", next));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text("detail")).contains("builds on " + secret + ", which is not here");
    byte[] unsaid = withoutPrerequisites(thin);
    Answer hidden = mine.push(unsaid, update("refs/heads/x", next));
    assertThat(hidden.status()).isEqualTo(422);
    assertThat(hidden.text("detail")).contains("not here");
    assertThat(mine.refs()).containsExactly("refs/heads/main " + own);
    assertThat(mine.plan().maps("packs")).hasSize(1);
    assertThat(keys("git/tenant/mine/")).hasSize(3);
  }

  private static byte[] withoutPrerequisites(byte[] bundle) {
    String text = new String(bundle, ISO_8859_1);
    int header = text.indexOf("\n\n") + 1;
    String kept =
        text.substring(0, header)
            .lines()
            .filter(line -> !line.startsWith("-"))
            .collect(Collectors.joining("\n", "", "\n"));
    return (kept + text.substring(header)).getBytes(ISO_8859_1);
  }

  @Test
  void aLargePushMovesItsRefsAtOnceAndIsProvenByAJob() {
    ApiSite large = ApiSite.start(100, ApiSite::reader);
    GitClient client = GitClient.of(large, "large/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    byte[] bundle = git.bundle("main");
    Answer pushed = client.push(bundle, update("refs/heads/main", null, first)).expect(200);
    assertThat(pushed.document()).containsEntry("ok", true).containsEntry("pending", true);
    assertThat(client.client().get("/refs").maps("refs").getFirst())
        .containsEntry("target", first)
        .containsEntry("pending", true);
    Answer plan = client.plan();
    assertThat(plan.maps("packs")).isEmpty();
    byte[] offered =
        ApiSite.download(String.valueOf(plan.maps("bundles").getFirst().get("url"))).body();
    assertThat(offered).isEqualTo(bundle);
    Map<String, Object> have = Map.of("have_packs", List.of(ApiSite.sha256(bundle).hex()));
    assertThat(client.client().post("/clone-plan", have).expect(200).maps("bundles")).isEmpty();
    // Whoever believes the branch to be elsewhere is told, proven or not.
    assertThat(outcome(client.move(update("refs/heads/main", "1".repeat(40), null))))
        .containsEntry("refs/heads/main", "stale");
    large.runJobs("large/repo");
    assertThat(client.client().get("/refs").maps("refs").getFirst()).doesNotContainKey("pending");
    assertThat(client.plan().maps("bundles")).isEmpty();
    assertThat(client.clone(temp.resolve("copy")).refs()).isEqualTo(git.refs());
  }

  @Test
  void bundlesThatNobodyHasReadComeInTheirOrderInPages() {
    ApiSite large = ApiSite.start(100, ApiSite::reader);
    GitClient client = GitClient.of(large, "large/pages");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    byte[] one = git.bundle("main");
    client.push(one, update("refs/heads/main", null, first)).expect(200);
    String second = git.commit("a.txt", "two");
    byte[] two = git.bundle("main", "^" + first);
    client.push(two, update("refs/heads/main", first, second)).expect(200);
    String repo = large.repo("large/pages").repoId();
    Bundles bundles = new Bundles(large.catalog());
    Bundles.Page page = bundles.unproven(repo, "0", 1);
    assertThat(page.bundles())
        .extracting(Bundles.Stored::bundle)
        .containsExactly(ApiSite.sha256(one));
    page = bundles.unproven(repo, String.valueOf(page.next()), 1);
    assertThat(page.bundles())
        .extracting(Bundles.Stored::bundle)
        .containsExactly(ApiSite.sha256(two));
    assertThat(page.next()).isNull();
    assertThat(client.plan().document()).containsEntry("next", null);
    assertThat(client.plan().maps("bundles")).hasSize(2);
  }

  @Test
  void aRepositoryIsOfOneKind() {
    GitClient git = GitClient.of(site, "kind/git");
    TestGit work = TestGit.init(temp.resolve("a"));
    String first = work.commit("a.txt", "one");
    byte[] bundle = work.bundle("--all");
    git.push(bundle, update("refs/heads/main", first)).expect(200);
    byte[] muse = new TestBundle().commit("c1", List.of(), Map.of("a", "b")).bytes();
    Answer refused = git.client().push(muse, Map.of("main", "c1"));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text("detail")).contains("git history");

    TestClient other = site.client("kind/muse");
    other.push(muse, Map.of("main", "c1")).expect(200);
    assertThat(other.get("/refs").document()).containsEntry("kind", "muse");
    Answer wrong = new GitClient(other).push(bundle, update("refs/heads/main", first));
    assertThat(wrong.status()).isEqualTo(422);
    assertThat(wrong.text("detail")).contains("muse history");
  }

  @Test
  void aBranchPointsToACommit() {
    GitClient client = GitClient.of(site, "types/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    String tree = git.id("HEAD^{tree}");
    git.run("tag", "tree", tree);
    git.run("tag", "-a", "outer", "-m", "x", tree);
    Answer pushed =
        client.push(
            git.bundle("--all"),
            update("refs/heads/main", first),
            update("refs/heads/tree", tree),
            update("refs/tags/tree", tree),
            update("refs/tags/outer", git.id("outer")));
    assertThat(outcome(pushed.expect(200)))
        .containsEntry("refs/heads/tree", "not_a_commit")
        .containsEntry("refs/tags/tree", "ok");
    assertThat(client.refs()).isEqualTo(git.refs());
  }

  private static List<String> keys(String prefix) {
    return site.store().list(prefix, null, null).objects().stream()
        .map(object -> object.key())
        .toList();
  }
}
