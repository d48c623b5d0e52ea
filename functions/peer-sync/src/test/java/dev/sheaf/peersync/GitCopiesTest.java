package dev.sheaf.peersync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.repository.NotHomeException;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.RandomisedTest;
import dev.sheaf.testing.TestGit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Git repositories of several sites: what is pushed to one can be cloned at all. */
class GitCopiesTest {
  private static final String MAIN = "refs/heads/main";

  @TempDir private Path folder;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-06-01T12:00:00Z"));
  private final List<GitSite> sites = new ArrayList<>();
  private int clones;

  @SuppressWarnings("NullAway.Init")
  private TestGit git;

  @SuppressWarnings("NullAway.Init")
  private Path temp;

  @BeforeEach
  void start() throws IOException {
    temp = Files.createDirectories(folder.resolve("temp"));
    git = TestGit.init(folder.resolve("work"));
    for (int i = 0; i < 3; i++) {
      sites.add(new GitSite(clock, temp, new Random(i)));
    }
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    sites.forEach(GitSite::close);
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).isEmpty();
    }
  }

  private GitSite home() {
    return sites.getFirst();
  }

  private GitSite other() {
    return sites.get(1);
  }

  private GitSite third() {
    return sites.get(2);
  }

  /** Everybody hears everybody, as far as they are not cut off. */
  private void tick() throws IOException {
    for (GitSite site : sites) {
      site.follow(sites.stream().filter(peer -> peer != site).toArray(GitSite[]::new));
    }
  }

  private void requireAlike(String name) {
    GitSite.requireAlike(name, folder.resolve("clones" + clones++), sites.toArray(GitSite[]::new));
  }

  private String push(GitSite site, String text) {
    String before = git.id("HEAD");
    String commit = git.commit("file", text);
    site.push("r", git.bundle("main", "^" + before), GitSite.set(MAIN, commit));
    return commit;
  }

  private void first() throws IOException {
    git.commit("file", "first");
    home().push("r", git.bundle("--all"));
    tick();
  }

  @Test
  void whatIsPushedToOneIsAtAll() throws IOException {
    git.commit("file", "first");
    git.run("tag", "-a", "v1", "-m", "one");
    home().push("r", git.bundle("--all"));
    tick();
    assertThat(third().refs("r")).containsEntry(MAIN, git.id("main")).hasSize(2);
    requireAlike("r");

    // By the log now, where it was a snapshot before: a name that is no text, one that goes, one
    // that is forced back, another HEAD.
    String second = push(home(), "second");
    home().push("r", git.bundle("main"), GitSite.set("refs/heads/\u00e9", second));
    home().move("r", GitSite.delete("refs/tags/v1"), GitSite.set(MAIN, git.id("main~1")));
    tick();
    assertThat(third().refs("r"))
        .isEqualTo(Map.of(MAIN, git.id("main~1"), "refs/heads/\u00e9", second));
    requireAlike("r");
    assertThat(other().told()).isEqualTo(home().told());
    assertThat(third().told()).isEqualTo(home().told());

    other().asked.clear();
    home().asked.clear();
    assertThat(third().follow(home(), other())).isEqualTo(GitCopies.Copied.NONE);
    assertThat(home().asked).containsExactly("/internal/crud/sweep");
    assertThat(other().asked).containsExactly("/internal/crud/sweep");
  }

  @Test
  void aRefStaysWhereItWasUntilItsObjectsAreHere() throws IOException {
    first();
    String before = git.id("main");
    home()
        .answers(exchange -> {
          if (exchange.getRequestURI().getPath().startsWith("/internal/blobs/")) {
            ServedSite.send(exchange, 503, "");
            return true;
          }
          return false;
        });
    String after = push(home(), "second");
    home().move("r", GitSite.set("refs/heads/topic", after));
    assertThat(other().follow(home())).isEqualTo(new GitCopies.Copied(0, 1, 2));
    assertThat(other().refs("r")).isEqualTo(Map.of(MAIN, before));
    assertThat(other().clone("r", folder.resolve("early"))).hasSize(2);
    assertThat(other().told()).isEqualTo(home().told());

    // Asked again after a minute, not every time.
    home().answers(null);
    home().asked.clear();
    other().follow(home());
    assertThat(home().asked).containsExactly("/internal/crud/sweep");
    clock.advance(Duration.ofMinutes(1));
    assertThat(other().follow(home())).isEqualTo(new GitCopies.Copied(1, 0, 0));
    assertThat(other().refs("r")).isEqualTo(Map.of(MAIN, after, "refs/heads/topic", after));
    tick();
    requireAlike("r");
  }

  @Test
  void aPeerThatLiesIsNotBelievedAndAnotherOneGivesIt() throws IOException {
    first();
    String after = push(home(), "second");
    third().follow(home(), other());
    for (String lie : List.of("PACK", "nothing", "x".repeat(100_000))) {
      home()
          .answers(exchange -> {
            if (exchange.getRequestURI().getPath().startsWith("/internal/blobs/")) {
              ServedSite.send(exchange, 200, lie);
              return true;
            }
            return false;
          });
      assertThat(other().follow(home()).copied()).isZero();
      assertThat(other().refs("r").get(MAIN)).isEqualTo(git.id("main~1"));
      clock.advance(Duration.ofMinutes(10));
    }
    other().follow(home(), third());
    assertThat(other().refs("r")).isEqualTo(Map.of(MAIN, after));
    requireAlike("r");
  }

  /** A sound pack of other bytes: what it was told to be it is not. */
  @Test
  void anotherPackIsNotTakenForTheOneThatWasToldOf() throws IOException {
    first();
    byte[] old = home().bytes(home().repo("r"), firstPack(home()));
    push(home(), "a longer text, so that its pack has room for the old one ".repeat(99));
    home()
        .answers(exchange -> {
          if (exchange.getRequestURI().getPath().startsWith("/internal/blobs/")) {
            exchange.sendResponseHeaders(200, old.length);
            exchange.getResponseBody().write(old);
            return true;
          }
          return false;
        });
    assertThat(other().follow(home())).isEqualTo(new GitCopies.Copied(0, 1, 1));
    home().answers(null);
    clock.advance(Duration.ofMinutes(10));
    tick();
    requireAlike("r");
  }

  private static dev.sheaf.bundle.ContentId firstPack(GitSite site) {
    return new dev.sheaf.repository.GitPacks(site.catalog, site.repo("r").repoId())
        .live()
        .getFirst()
        .pack();
  }

  @Test
  void whatWasFoldedAwayIsTakenFromWhatThereIsNow() throws IOException {
    first();
    for (int i = 0; i < 4; i++) {
      push(home(), "line " + i);
    }
    assertThat(home().fold("r").folded()).isEqualTo(5);
    clock.advance(Duration.ofDays(3));
    assertThat(home().fold("r").discarded()).isEqualTo(5);
    // Its copies of the log still tell of four packs that nobody has.
    GitCopies.Copied copied = other().follow(home());
    assertThat(copied.waiting()).isZero();
    assertThat(other().texts("select pack as t from git_packs where state = 'awaited'")).isEmpty();
    third().follow(other(), home());
    requireAlike("r");

    // Its own folds are in nobody's way.
    other().fold("r");
    push(home(), "later");
    tick();
    other().fold("r");
    clock.advance(Duration.ofDays(3));
    other().fold("r");
    push(home(), "later still");
    tick();
    requireAlike("r");
  }

  @Test
  void whatIsNotProvenIsNotTold() throws IOException {
    first();
    String before = git.id("main");
    String after = git.commit("file", "unread");
    byte[] bundle = git.bundle("main", "^" + before);
    assertThat(home().push("r", bundle, 0, GitSite.set(MAIN, after)).isPending()).isTrue();
    List<String> told = other().told();
    tick();
    assertThat(other().told()).isEqualTo(told);
    assertThat(home().told()).isEqualTo(told);
    assertThat(other().refs("r")).isEqualTo(Map.of(MAIN, before));
    home().work("r", bundle);
    tick();
    assertThat(third().refs("r")).isEqualTo(Map.of(MAIN, after));
    requireAlike("r");
  }

  /** Nobody asked at the door: what decides is under the repository's lock. */
  @Test
  void aPushElsewhereChangesNothing() throws IOException {
    first();
    String after = git.commit("file", "second");
    byte[] bundle = git.bundle("main", "^" + git.id("main~1"));
    String manifest = other().store.head("git/me/r/manifest.json").orElseThrow().etag();
    for (long readNow : List.of(0L, Long.MAX_VALUE)) {
      assertThatThrownBy(() -> other().push("r", bundle, readNow, GitSite.set(MAIN, after)))
          .isInstanceOfSatisfying(
              NotHomeException.class, e -> assertThat(e.home()).isEqualTo(home().url()));
    }
    assertThatThrownBy(() -> other().move("r", GitSite.delete(MAIN)))
        .isInstanceOf(NotHomeException.class);
    // What it had stored by then nothing names: compaction takes it away in its time.
    assertThat(other().store.head("git/me/r/manifest.json").orElseThrow().etag())
        .isEqualTo(manifest);
    assertThat(other().refs("r")).isEqualTo(Map.of(MAIN, git.id("main~1")));
  }

  @Test
  void aTakeOverKeepsBoth() throws IOException {
    first();
    String base = git.id("main");
    other().cut.add(home());
    String late = push(home(), "at the old home");
    home().move("r", GitSite.set("refs/tags/late", late));
    other().takeHome("r");
    git.run("reset", "-q", "--hard", base);
    String ours = push(other(), "at the new home");
    other().cut.clear();
    for (int i = 0; i < 3; i++) {
      tick();
    }
    Map<String, String> refs = home().refs("r");
    assertThat(refs).containsEntry(MAIN, ours).hasSize(3);
    assertThat(refs.keySet())
        .anyMatch(name -> name.matches("refs/taken-over/0/heads/main"))
        .anyMatch(name -> name.matches("refs/taken-over/0/tags/late"));
    assertThat(refs.values()).contains(late);
    requireAlike("r");
    for (GitSite site : sites) {
      assertThat(site.texts("select error as t from failed_ops")).isEmpty();
    }
    assertThatThrownBy(() -> push(home(), "once more")).isInstanceOf(NotHomeException.class);
  }

  /** It was acknowledged before the home was lost, and proven only afterwards. */
  @Test
  void whatTheOldHomeStillHadToProveIsKept() throws IOException {
    first();
    String before = git.id("main");
    String late = git.commit("file", "unread");
    byte[] bundle = git.bundle("main", "^" + before);
    home().push("r", bundle, 0, GitSite.set(MAIN, late), GitSite.set("refs/heads/new", late));
    tick();
    other().takeHome("r");
    tick();
    git.run("reset", "-q", "--hard", before);
    String ours = push(other(), "at the new home");
    tick();
    home().work("r", bundle);
    for (int i = 0; i < 3; i++) {
      tick();
    }
    assertThat(home().refs("r"))
        .isEqualTo(
            Map.of(
                MAIN,
                ours,
                "refs/taken-over/0/heads/main",
                late,
                "refs/taken-over/0/heads/new",
                late));
    requireAlike("r");
  }

  /** Pushes, forced moves, deletions, folds, homes that move and sites that are cut off. */
  @RandomisedTest(seeds = 1)
  void allEndAlikeAndNothingAcknowledgedIsLost(long seed) throws IOException {
    Random random = new Random(seed);
    first();
    String root = git.id("main");
    Set<String> acknowledged = new HashSet<>();
    for (int step = 0; step < 40; step++) {
      GitSite site = sites.get(random.nextInt(3));
      GitSite peer = sites.get(random.nextInt(3));
      switch (random.nextInt(9)) {
        case 0 -> {
          if (site != peer && !site.cut.remove(peer)) {
            site.cut.add(peer);
          }
        }
        case 1 -> site.takeHome("r");
        case 2, 3 -> site.follow(peer == site ? new GitSite[0] : new GitSite[] {peer});
        case 4 -> {
          site.fold("r");
          clock.advance(Duration.ofHours(random.nextInt(60)));
        }
        default -> acknowledged.addAll(tryPush(site, random, root, step));
      }
      clock.advance(Duration.ofSeconds(1));
      site.clone("r", folder.resolve("step" + step));
    }
    sites.forEach(site -> site.cut.clear());
    for (int i = 0; i < 6; i++) {
      clock.advance(Duration.ofHours(5));
      tick();
    }
    for (GitSite site : sites) {
      assertThat(site.told()).as(site.url()).isEqualTo(home().told());
      assertThat(site.texts("select error || host || ulid || data as t from failed_ops"))
          .as(site.url() + " " + site.told())
          .isEmpty();
    }
    requireAlike("r");
    Set<String> reached = new HashSet<>();
    for (String head : home().refs("r").values()) {
      reached.addAll(git.run("rev-list", head).lines().toList());
    }
    assertThat(reached).containsAll(acknowledged);
  }

  /** A commit on top of what the site shows; what it was told of and lacks is in its way. */
  private Set<String> tryPush(GitSite site, Random random, String root, int step) {
    String branch = random.nextInt(3) == 0 ? "refs/heads/next" : MAIN;
    String parent = site.refs("r").getOrDefault(branch, root);
    git.run("checkout", "-q", "--detach", parent);
    String commit = git.commit("file", "step " + step);
    git.run("branch", "-f", "pushed", commit);
    try {
      GitPushes.Result result =
          site.push(
              "r",
              git.bundle("pushed", "^" + parent),
              new dev.sheaf.repository.git.RefUpdate(
                  dev.sheaf.bundle.RefName.of(branch),
                  site.refs("r").containsKey(branch)
                      ? new dev.sheaf.repository.git.RefUpdate.Expected.At(
                          org.eclipse.jgit.lib.ObjectId.fromString(parent))
                      : new dev.sheaf.repository.git.RefUpdate.Expected.Absent(),
                  org.eclipse.jgit.lib.ObjectId.fromString(commit),
                  false));
      return result.isRefused() ? Set.of() : Set.of(commit);
    } catch (NotHomeException e) {
      return Set.of();
    }
  }
}
