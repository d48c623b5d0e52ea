package dev.sheaf.peersync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repository.GitState;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.TestGit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A home that has lost its catalog: what it had acknowledged holds, whatever peers still know. */
class LostHomeTest {
  private static final String MAIN = "refs/heads/main";
  private static final String OLD = "refs/heads/old";

  @TempDir private Path folder;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-06-01T12:00:00Z"));

  @SuppressWarnings("NullAway.Init")
  private TestGit git;

  @SuppressWarnings("NullAway.Init")
  private GitSite home;

  @SuppressWarnings("NullAway.Init")
  private GitSite peer;

  @BeforeEach
  void start() throws IOException {
    Path temp = Files.createDirectories(folder.resolve("temp"));
    git = TestGit.init(folder.resolve("work"));
    home = new GitSite(clock, temp, new Random(1));
    peer = new GitSite(clock, temp, new Random(2));
    git.commit("file", "first");
    git.run("branch", "old");
    home.push("r", git.bundle("--all"));
    home.setPublic("r", true);
    tick();
  }

  @AfterEach
  void stop() {
    home.close();
    peer.close();
  }

  private void tick() throws IOException {
    for (int round = 0; round < 3; round++) {
      home.follow(peer);
      peer.follow(home);
    }
  }

  private String push(String text) {
    String before = git.id("main");
    String commit = git.commit("file", text);
    home.push("r", git.bundle("main", "^" + before), GitSite.set(MAIN, commit));
    return commit;
  }

  /**
   * @param isToldFirst whether peers tell the empty catalog of the repository before it is rebuilt
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatPeersHadNotHeardOfHolds(boolean isToldFirst) throws IOException {
    String second = push("second");
    home.move("r", GitSite.delete(OLD), GitSite.set("refs/heads/new", git.id("main~1")));
    home.setPublic("r", false);
    Map<String, String> refs = home.refs("r");
    assertThat(refs).containsEntry(MAIN, second).doesNotContainKey(OLD);

    home.loseCatalog();
    if (isToldFirst) {
      home.follow(peer);
    }
    assertThat(home.rebuild()).isNotEmpty();
    assertThat(home.refs("r")).isEqualTo(refs);
    tick();
    assertThat(home.refs("r")).isEqualTo(refs);
    assertThat(peer.refs("r")).isEqualTo(refs);
    assertThat(home.repo("r").isPublic()).isFalse();
    assertThat(peer.repo("r").isPublic()).as("at the peer").isFalse();
    GitSite.requireAlike("r", folder.resolve("clones"), home, peer);
    assertThat(home.rebuild()).isEmpty();

    push("third");
    tick();
    GitSite.requireAlike("r", folder.resolve("more"), home, peer);
  }

  /** The bucket may lag behind what was told, by a write that failed. */
  @Test
  void whatOnlyPeersHeardOfComesBack() throws IOException {
    String key = GitKeys.manifest(new RepoPath("me", "r"));
    ObjectStore.Download before = home.store.get(key, ObjectStore.Read.WHOLE).orElseThrow();
    byte[] manifest = before.body().readAllBytes();
    String second = push("second");
    tick();
    home.store.put(
        key, Content.of(manifest), null, ObjectStore.Condition.ALWAYS, "application/json");
    home.loseCatalog();
    home.rebuild();
    tick();
    assertThat(home.refs("r")).containsEntry(MAIN, second);
    GitSite.requireAlike("r", folder.resolve("clones"), home, peer);
  }

  @Test
  void nothingIsWrittenToItUntilItIsRebuilt() throws IOException {
    String second = push("second");
    home.loseCatalog();
    tick();
    assertThat(peer.refs("r")).as("peers are told nothing").containsEntry(OLD, git.id("main~1"));
    assertThatThrownBy(() -> push("third"))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE))
        .hasMessageContaining("sheaf rebuild");
    home.rebuild();
    assertThat(home.refs("r")).containsEntry(MAIN, second);
    git.run("reset", "--hard", second);
    push("third");
    tick();
    GitSite.requireAlike("r", folder.resolve("clones"), home, peer);
  }

  /** With the bucket gone as well, peers have all that there is. */
  @Test
  void aHomeWithoutABucketIsAsPeersTell() throws IOException {
    home.loseCatalog();
    List<String> keys = new ArrayList<>();
    home.store.list("", null, null).objects().forEach(object -> keys.add(object.key()));
    home.store.delete(keys);
    tick();
    home.rebuild();
    push("second");
    tick();
    GitSite.requireAlike("r", folder.resolve("clones"), home, peer);
    assertThat(GitState.of(home.catalog, home.repo("r").repoId()).isLost()).isFalse();
    assertThat(home.catalog.execute(Statement.of("select repo_id from lost_homes"))).isEmpty();
  }
}
