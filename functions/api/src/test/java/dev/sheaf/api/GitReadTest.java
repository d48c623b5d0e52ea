package dev.sheaf.api;

import static dev.sheaf.api.GitClient.forced;
import static dev.sheaf.api.GitClient.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.testing.TestGit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of a git repository, compared with what git says. */
class GitReadTest {
  private static final String PACK = "application/x-git-packed-objects";
  private static int repositories;

  @SuppressWarnings("NullAway.Init")
  private static ApiSite site;

  @TempDir Path temp;

  @SuppressWarnings("NullAway.Init")
  private TestGit git;

  @SuppressWarnings("NullAway.Init")
  private GitClient client;

  @SuppressWarnings("NullAway.Init")
  private String first;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  @BeforeEach
  void push() {
    git = TestGit.init(temp.resolve("work"));
    client = GitClient.of(site, "read/repo" + repositories++);
    first = git.commit("src/a.txt", "one\n".repeat(500));
    client.push(git.bundle("--all"), update("refs/heads/main", first)).expect(200);
    git.commit("src/a.txt", "one\n".repeat(500) + "two\n");
    git.commit("b.txt", "three\n");
    client
        .push(git.bundle(first + "..main"), update("refs/heads/main", git.id("main")))
        .expect(200);
  }

  @Test
  void commitsPageByPage() {
    Answer page = client.client().get("/commits?limit=2").expect(200);
    assertThat(page.document())
        .containsEntry("branch", "main")
        .containsEntry("head", git.id("main"));
    assertThat(page.maps("commits"))
        .extracting(commit -> commit.get("commit_id"))
        .containsExactly(git.id("main"), git.id("main~1"));
    assertThat(page.maps("commits").getFirst())
        .containsEntry("tree_id", git.id("main^{tree}"))
        .containsEntry("parent_ids", List.of(git.id("main~1")))
        .containsEntry("author", "A U Thor <author@example.com>")
        .containsEntry("subject", git.run("log", "-1", "--format=%s", "main"));
    Answer last =
        client.client().get("/commits?limit=2&before=" + page.document().get("next")).expect(200);
    assertThat(last.maps("commits")).extracting(c -> c.get("commit_id")).containsExactly(first);
    assertThat(last.document()).containsEntry("next", null);
    client.client().get("/commits?branch=none").expect(404);
    client.client().get("/commits?before=" + "12".repeat(20)).expect(404);
  }

  @Test
  void folders() {
    Answer root = client.client().get("/tree/main").expect(200);
    assertThat(root.maps("entries"))
        .extracting(
            entry -> entry.get("mode") + " " + entry.get("object_id") + " " + entry.get("path"))
        .hasSameElementsAs(
            git.run("ls-tree", "--format=%(objectmode) %(objectname) %(path)", "main")
                .lines()
                .map(line -> line.replaceFirst("^0", ""))
                .toList());
    Answer file = client.client().get("/tree/" + first + "?path=/src/a.txt").expect(200);
    assertThat(file.document())
        .containsEntry("commit_id", first)
        .containsEntry("type", "file")
        .containsEntry("object_id", git.id(first + ":src/a.txt"))
        .containsEntry("size_bytes", 2_000L);
    client.client().get("/tree/main?path=none").expect(404);
    client.client().get("/tree/none").expect(404);
  }

  @Test
  void objects() {
    Answer blob = client.client().get("/objects/" + git.id("main:b.txt")).expect(200);
    assertThat(blob.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("three\n");
    assertThat(blob.header("Sheaf-Object-Type")).isEqualTo("blob");
    Answer commit = client.client().get("/objects/" + first).expect(200);
    assertThat(new String(commit.bytes(), StandardCharsets.ISO_8859_1).stripTrailing())
        .isEqualTo(git.run("cat-file", "commit", first));
    client.client().get("/objects/" + "12".repeat(20)).expect(404);
    client.client().get("/objects/" + "12".repeat(32)).expect(404);
  }

  @Test
  void aPackOfWhatIsLacking() {
    TestGit copy = TestGit.initBare(temp.resolve("copy"));
    copy.run(
        fetchPack(List.of(first), List.of()), "index-pack", "--stdin", "--fix-thin", "--strict");
    byte[] more = fetchPack(List.of(git.id("main")), List.of(first, "12".repeat(20)));
    assertThat(more.length).isLessThan(1_000);
    copy.run(more, "index-pack", "--stdin", "--fix-thin", "--strict");
    copy.run("update-ref", "refs/heads/main", git.id("main"));
    copy.run("fsck", "--strict", "--full");
    assertThat(copy.run("rev-list", "--objects", "main"))
        .isEqualTo(git.run("rev-list", "--objects", "main"));
  }

  @Test
  void aPreparedPackIsFoundAgain() {
    Map<String, Object> request = Map.of("want", List.of(git.id("main")), "have", List.of(first));
    Answer prepared = client.client().post("/fetch-pack", request).expect(200);
    byte[] bytes = ApiSite.download(String.valueOf(prepared.document().get("url"))).body();
    assertThat(ApiSite.sha256(bytes).hex()).isEqualTo(prepared.document().get("sha256"));
    assertThat(prepared.document()).containsEntry("size_bytes", (long) bytes.length);
    assertThat(client.client().post("/fetch-pack", request).expect(200).document())
        .containsEntry("sha256", prepared.document().get("sha256"));
  }

  @Test
  void whatRefsHaveLetGoOfIsNotGivenOut() {
    String gone = git.id("main");
    client.move(forced("refs/heads/main", first)).expect(200);
    client.client().post("/fetch-pack", Map.of("want", List.of(gone))).expect(404);
    client.client().post("/fetch-pack", Map.of("want", List.of(first))).expect(200);
    client
        .client()
        .post("/fetch-pack", Map.of("want", List.of(git.id(first + ":src/a.txt"))))
        .expect(404);
    client.client().post("/fetch-pack", Map.of("want", List.of("main"))).expect(422);
  }

  private byte[] fetchPack(List<String> want, List<String> have) {
    GatewayEvent event =
        client
            .client()
            .event("POST", "/fetch-pack")
            .json(Map.of("want", want, "have", have))
            .header("Accept", PACK);
    return site.call(event).expect(200).bytes();
  }
}
