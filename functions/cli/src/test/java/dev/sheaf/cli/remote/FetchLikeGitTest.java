package dev.sheaf.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A bare repository that others push to as well, fetched into by git through the helper and from
 * the very same repository by git alone: what becomes of it is the same.
 */
class FetchLikeGitTest extends RemoteHelperFixture {
  @BeforeEach
  void pushMirror() throws IOException {
    git(work, "tag", "v1");
    git(work, "branch", "side");
    git(work, "branch", "gone");
    git(work, "update-ref", "refs/odd/place", "HEAD");
    git(work, "push", "--quiet", "--mirror", "origin");
    git(site.repository("project"), "symbolic-ref", "HEAD", "refs/heads/main");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fetch origin",
        "fetch origin main",
        "fetch origin main:main",
        "fetch origin +main:main",
        "fetch --tags origin",
        "fetch --tags --force origin",
        "fetch --prune origin",
        "fetch origin refs/*:refs/*",
        "fetch origin +refs/*:refs/*",
        "fetch --prune origin +refs/*:refs/*",
        "fetch --prune --dry-run origin +refs/*:refs/*",
        "fetch --atomic origin refs/*:refs/*",
        "fetch --prune origin +refs/heads/*:refs/remotes/origin/*",
        "fetch origin +refs/heads/*:refs/heads/* ^refs/heads/side",
        "fetch --no-tags origin side:refs/heads/new",
        "fetch --append origin main side",
        "fetch origin HEAD",
        "fetch origin nothing",
        "remote update --prune"
      })
  void whatIsFetchedIsWhatGitFetches(String command) throws IOException {
    for (String configured : List.of("", "+refs/*:refs/*", "+refs/heads/*:refs/remotes/origin/*")) {
      String name = configured.replaceAll("[^a-z]", "");
      Path ours = hub("ours" + name, "sheaf::" + site.url("project"), configured);
      Path theirs = hub("theirs" + name, site.repository("project").toUri().toString(), configured);
      moveOn();
      Command helped = run(ours, command.split(" ", -1));
      Command plain = run(theirs, command.split(" ", -1));
      assertThat(helped.exit())
          .as(configured + "\n" + helped.output() + plain.output())
          .isEqualTo(plain.exit());
      assertThat(state(ours)).as(configured).isEqualTo(state(theirs));
      assertThat(git(ours, "fsck", "--connectivity-only", "--no-dangling"))
          .isEqualTo(git(theirs, "fsck", "--connectivity-only", "--no-dangling"));
    }
  }

  /** Without git: nothing that somebody has pushed there is overwritten, unless it is a mirror. */
  @Test
  void ourOwnFetchLeavesAHubItsBranches() throws IOException {
    Path hub = hub("hub", url, "+refs/heads/*:refs/remotes/origin/*");
    Path mirror = hub("mirror", url, "+refs/*:refs/*");
    moveOn();
    String own = git(hub, "rev-parse", "local");
    assertThat(Run.of(hub, System.getenv(), "fetch").exit()).isZero();
    assertThat(git(hub, "rev-parse", "main", "v1", "refs/notes/local"))
        .isEqualTo(String.join("\n", own, own, own));
    assertThat(git(hub, "symbolic-ref", "HEAD")).isEqualTo("refs/heads/local");
    assertThat(git(hub, "rev-parse", "origin/main")).isEqualTo(git(work, "rev-parse", "main"));
    assertThat(Run.of(mirror, System.getenv(), "fetch").exit()).isZero();
    assertThat(git(mirror, "rev-parse", "main")).isEqualTo(git(work, "rev-parse", "main"));
    assertThat(git(mirror, "symbolic-ref", "HEAD")).isEqualTo("refs/heads/main");
  }

  /** What a clone of git's own is, and what the same makes of it through the helper. */
  @Test
  void clonesAreConfiguredAlike() {
    for (String kind : List.of("--bare", "--mirror", "--no-checkout")) {
      Path ours = folder.resolve("ours" + kind);
      Path theirs = folder.resolve("theirs" + kind);
      git(folder, "clone", "--quiet", kind, "sheaf::" + site.url("project"), ours.toString());
      String file = site.repository("project").toUri().toString();
      git(folder, "clone", "--quiet", kind, file, theirs.toString());
      for (Path copy : List.of(ours, theirs)) {
        git(copy, "config", "remote.origin.url", "somewhere");
      }
      assertThat(git(ours, "config", "--local", "--list"))
          .isEqualTo(git(theirs, "config", "--local", "--list"));
      assertThat(state(ours)).isEqualTo(state(theirs));
    }
  }

  private Path hub(String name, String url, String refspec) throws IOException {
    Path hub = folder.resolve(name + ".git");
    if (Files.exists(hub)) {
      return hub;
    }
    git(
        folder,
        "clone",
        "--quiet",
        "--mirror",
        site.repository("project").toString(),
        hub.toString());
    git(hub, "config", "--remove-section", "remote.origin");
    git(hub, "config", "remote.origin.url", url);
    if (!refspec.isEmpty()) {
      git(hub, "config", "remote.origin.fetch", refspec);
    }
    String tree = git(hub, "rev-parse", "main^{tree}");
    Map<String, String> then =
        Map.of("GIT_AUTHOR_DATE", "1700000000 +0000", "GIT_COMMITTER_DATE", "1700000000 +0000");
    String own =
        runWith(then, hub, "commit-tree", tree, "-p", "main", "-m", "pushed here").output().strip();
    git(hub, "update-ref", "refs/heads/main", own);
    git(hub, "update-ref", "refs/heads/local", own);
    git(hub, "update-ref", "refs/tags/v1", own);
    git(hub, "update-ref", "refs/notes/local", own);
    git(hub, "symbolic-ref", "HEAD", "refs/heads/local");
    return hub;
  }

  /** The same for all that fetch after it. */
  private void moveOn() throws IOException {
    if (Files.exists(work.resolve("two"))) {
      return;
    }
    commit(work, "two");
    git(work, "tag", "v2");
    git(work, "branch", "--force", "side", "main");
    git(work, "branch", "-D", "gone");
    git(work, "push", "--quiet", "--mirror", "origin");
  }

  private String state(Path repository) {
    String fetched = "";
    try {
      Path git = repository.resolve(".git");
      Path head = (Files.isDirectory(git) ? git : repository).resolve("FETCH_HEAD");
      fetched = Files.exists(head) ? Files.readString(head) : "none";
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return git(repository, "for-each-ref", "--format=%(refname) %(objectname) %(symref)")
        + "\n"
        + git(repository, "symbolic-ref", "HEAD")
        + "\n"
        + fetched.replaceAll(" of [^ ]*$|(?m)\t[^\t]* of .*$|(?m)[a-z]+:.*$", "");
  }
}
