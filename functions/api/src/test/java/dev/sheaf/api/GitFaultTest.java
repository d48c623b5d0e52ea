package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each request of a git push fails in turn: before it took effect, and after. */
class GitFaultTest {
  private static final String MAIN = "refs/heads/main";

  private static ApiSite site;

  @TempDir Path temp;

  private String first = "";
  private String second = "";
  private byte[] whole = {};
  private byte[] thin = {};

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  @Test
  void aPushIsWholeOrNotAtAllAndARerunCompletesIt() {
    TestGit git = TestGit.init(temp.resolve("a"));
    first = git.commit("a.txt", "line\n".repeat(300));
    whole = git.bundle("main");
    second = git.commit("a.txt", "line\n".repeat(300) + "more");
    thin = git.bundle("main", "^" + first);

    Faults none = Faults.none();
    push("fault/git0", none).expect(200);
    assertThat(none.requests()).isGreaterThan(15);
    int n = 1;
    for (int request = 1; request <= none.requests(); request++) {
      for (Faults.Way way : List.of(Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER)) {
        Faults faults = Faults.at(request, way);
        String where = way + " " + request + ": " + none.log().get(request - 1);
        check("fault/git" + n++, faults, where);
        assertThat(faults.happened()).as(where).isTrue();
      }
    }
  }

  /** The second push of two, which builds on the first. */
  private Answer push(String repo, Faults faults) {
    GitClient client = GitClient.of(site, repo);
    client.push(whole, GitClient.update(MAIN, null, first)).expect(200);
    ContentId bundle = client.client().upload(thin);
    return site.call(
        client.event(bundle, List.of(GitClient.update(MAIN, first, second)), Map.of()), faults);
  }

  private void check(String repo, Faults faults, String where) {
    Answer answer = push(repo, faults);
    GitClient client = GitClient.of(site, repo);
    if (answer.status() != 200) {
      answer.expectError(503, "unavailable");
    }
    boolean isThere = client.refs().equals(List.of(MAIN + " " + second));
    assertThat(client.plan().maps("packs")).as(where).hasSize(isThere ? 2 : 1);
    if (!isThere) {
      assertThat(client.refs()).as(where).containsExactly(MAIN + " " + first);
      assertThat(answer.status()).as(where).isEqualTo(503);
    }
    Answer again =
        client.announce(
            ApiSite.sha256(thin), List.of(GitClient.update(MAIN, first, second)), Map.of());
    assertThat(GitClient.outcome(again.expect(200)))
        .as(where)
        .containsEntry(MAIN, isThere ? "unchanged" : "ok");
    assertThat(client.refs()).as(where).containsExactly(MAIN + " " + second);
    assertThat(client.plan().maps("packs")).as(where).hasSize(2);
    assertThat(client.client().get("/jobs").maps("jobs"))
        .as(where)
        .hasSize(2)
        .allSatisfy(job -> assertThat(job).containsEntry("status", "done"));
    for (Map<String, ?> pack : client.plan().maps("packs")) {
      byte[] bytes = ApiSite.download(String.valueOf(pack.get("url"))).body();
      assertThat(ApiSite.sha256(bytes).hex()).as(where).isEqualTo(pack.get("sha256"));
    }
    assertThat(site.store().list("git/" + repo + "/", null, null).objects())
        .as(where)
        .filteredOn(object -> object.key().endsWith(".pack"))
        .hasSize(2);
  }
}
