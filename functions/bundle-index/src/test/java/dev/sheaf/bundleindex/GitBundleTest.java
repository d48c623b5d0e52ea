package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.PackLimits;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.SpentUploads;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.RefResult;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.TestGit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Git bundles that were uploaded and nothing else, and those that were announced unread. */
class GitBundleTest extends GitTest {
  private static final String MAIN = "refs/heads/main";

  @Test
  void anUploadIsAllItTakesToPublish() {
    TestGit git = git();
    git.commit("a.txt", "one");
    git.run("tag", "-a", "v1", "-m", "first");
    git.run("branch", "topic");
    handle(upload("r", git.bundle("--all")));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(clone("r").refs()).isEqualTo(git.refs());
    assertThat(repo("r").kind()).isEqualTo(dev.sheaf.repository.Repo.Kind.GIT);
    assertThat(repo("r").defaultBranch()).isEqualTo("main");
    String manifest = new String(store.bytes("git/alice/r/manifest.json"), StandardCharsets.UTF_8);
    assertThat(json(manifest).path("refs")).hasSize(3);
    assertThat(json(manifest).path("head").path("symref").asText()).isEqualTo(MAIN);
    assertThat(json(manifest).path("packs")).hasSize(1);
  }

  @Test
  void bundlesThatComeInTheWrongOrderHeal() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    byte[] one = git.bundle("main");
    String second = git.commit("a.txt", "two");
    byte[] two = git.bundle("main", "^" + first);
    String third = git.commit("a.txt", "three");
    byte[] three = git.bundle("main", "^" + second);
    handle(upload("r", three));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("builds on " + second).contains("not here");
    handle(upload("r", two));
    assertThat(gitRefs("r")).isEmpty();
    assertThat(packKeys()).isEmpty();
    handle(upload("r", one));
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, third));
    assertThat(jobs().list(repo("r").repoId(), 10))
        .allSatisfy(job -> assertThat(job.status()).isEqualTo(Job.Status.DONE));
    assertThat(clone("r").refs()).isEqualTo(git.refs());
  }

  @Test
  void anUploadMovesForwardOnlyAndDeletesNothing() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    git.run("branch", "other");
    handle(upload("r", git.bundle("--all")));
    String second = git.commit("a.txt", "two");
    git.run("branch", "-D", "other");
    handle(upload("r", git.bundle("--all")));
    assertThat(gitRefs("r"))
        .containsOnly(Map.entry(MAIN, second), Map.entry("refs/heads/other", first));
    List<GitPacks.Live> before = packs("r");
    git.run("commit", "-q", "--amend", "-m", "rewritten");
    handle(upload("r", git.bundle("--all")));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains(MAIN, "non_fast_forward", second);
    assertThat(gitRefs("r")).containsEntry(MAIN, second);
    assertThat(packs("r")).isEqualTo(before);
  }

  /** As git does, unless it is told to check: odd objects are carried; but they are named. */
  @Test
  void whatFsckWouldSayIsInTheResult() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    handle(upload("r", git.bundle("--all")));
    assertThat(json(String.valueOf(lastJob("r").result())).has("odd")).isFalse();
    String id =
        git.run(
            "tree %s\nparent %s\nauthor a <a> 0 +0000\ncommitter nobody\n\n"
                .formatted(git.id("main^{tree}"), first)
                .getBytes(StandardCharsets.UTF_8),
            "hash-object",
            "-t",
            "commit",
            "--literally",
            "-w",
            "--stdin");
    git.run("update-ref", MAIN, id);
    handle(upload("r", git.bundle("main", "^" + first)));
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, id));
    assertThat(json(String.valueOf(lastJob("r").result())).path("odd").toString())
        .contains("commit " + id, "missingEmail");
  }

  /** What git makes of {@code git bundle create FILE HEAD}: nothing that could move. */
  @Test
  void headAloneIsRefusedWhereThereIsOne() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    handle(upload("r", git.bundle("--all")));
    git.commit("a.txt", "two");
    handle(upload("r", git.bundle("HEAD")));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").attempt()).isEqualTo(1);
    assertThat(lastJob("r").error()).contains("names no ref but HEAD", "--all");
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, first));
    assertThatThrownBy(() -> announce("r", git.bundle("HEAD"), 1 << 20, false))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("names no ref but HEAD");
    handle(upload("new", git.bundle("HEAD")));
    handle(upload("new", git.bundle("HEAD")));
    assertThat(lastJob("new").error()).isNull();
    assertThat(lastJob("new").status()).isEqualTo(Job.Status.DONE);
  }

  /** The store's commit is named as a tree; JGit casts it to one when it walks by. */
  @Test
  void anOddHistoryIsRefusedForGoodAndNamed() throws java.io.IOException {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    handle(upload("r", git.bundle("--all")));
    String id =
        git.run(
            "tree %1$s\nparent %1$s\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\n"
                .formatted(first)
                .getBytes(StandardCharsets.UTF_8),
            "hash-object",
            "-t",
            "commit",
            "--literally",
            "-w",
            "--stdin");
    java.nio.file.Path packs = git.folder().resolve("odd");
    String pack = git.run(id.getBytes(StandardCharsets.UTF_8), "pack-objects", packs.toString());
    java.io.ByteArrayOutputStream bundle = new java.io.ByteArrayOutputStream();
    bundle.writeBytes(
        "# v2 git bundle\n-%s\n%s %s\n\n"
            .formatted(first, id, MAIN)
            .getBytes(StandardCharsets.UTF_8));
    bundle.writeBytes(
        java.nio.file.Files.readAllBytes(packs.resolveSibling("odd-" + pack + ".pack")));
    handle(upload("r", bundle.toByteArray()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").attempt()).isEqualTo(1);
    assertThat(lastJob("r").error()).contains(id);
    assertThatThrownBy(() -> announce("r", bundle.toByteArray(), 1 << 20, false))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining(id);
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, first));
  }

  @Test
  void theSameUploadTwiceIsOne() {
    TestGit git = git();
    git.commit("a.txt", "one");
    byte[] bundle = git.bundle("--all");
    handle(upload("r", bundle));
    List<String> rows = dump();
    List<String> bucket = bucket();
    handle(upload("r", bundle));
    assertThat(jobs().retry(repo("r").repoId(), lastJob("r").jobId())).isTrue();
    runJobs("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(dump()).isEqualTo(rows);
    assertThat(bucket()).isEqualTo(bucket);
  }

  @Test
  void whatAnotherRepositoryHasGivesNothingAndSaysNothing() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    handle(upload("theirs", git.bundle("--all")));
    git.commit("a.txt", "two");
    byte[] thin = git.bundle("main", "^" + first);
    handle(upload("mine", thin));
    TestGit nobodys = git();
    String unknown = nobodys.commit("b.txt", "b");
    nobodys.commit("b.txt", "c");
    byte[] other = nobodys.bundle("main", "^" + unknown);
    handle(upload("mine2", other));
    String known = String.valueOf(lastJob("mine").error());
    assertThat(known.replace(first, "X"))
        .isEqualTo(String.valueOf(lastJob("mine2").error()).replace(unknown, "X"));
    assertThat(gitRefs("mine")).isEmpty();
  }

  @Test
  void aPushCostsOneGetThreePutsAndABoundedNumberOfStatements() {
    TestGit git = git();
    for (int i = 0; i < 40; i++) {
      git.commit("dir" + i % 7 + "/f" + i, "content " + i);
    }
    RequestCounts counts = new RequestCounts();
    index(new CountingObjectStore(store, counts), new CountingCatalog(catalog, counts))
        .handle(upload("r", git.bundle("--all")), () -> 600_000);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(counts.count(RequestKind.S3_GET)).isEqualTo(1);
    assertThat(counts.count(RequestKind.S3_PUT)).isEqualTo(3);
    assertThat(counts.count(RequestKind.S3_HEAD)).isZero();
    assertThat(counts.count(RequestKind.S3_LIST)).isZero();
    // Five of them are about the message and the schema's version.
    assertThat(counts.count(RequestKind.CATALOG_STATEMENT)).isLessThanOrEqualTo(20);
  }

  @Test
  void anUnreadPushMovesItsRefsUntilItIsProven() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    git.run("tag", "-a", "v1", "-m", "x");
    byte[] bundle = git.bundle("--all");
    GitPushes.Result left =
        leave("r", bundle, update(MAIN, first), update("refs/tags/v1", git.id("v1")));
    assertThat(left.isPending()).isTrue();
    assertThat(gitRefs("r")).containsEntry(MAIN, first + "?");
    assertThat(packKeys()).noneMatch(key -> key.endsWith(".pack"));
    // A further part of the same push, without a bundle.
    assertThat(move("r", update("refs/heads/late", first)).isPending()).isTrue();
    runJobs("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    git.run("branch", "late");
    assertThat(clone("r").refs()).isEqualTo(git.refs());
  }

  /** The ref is another push's by the time that the first one's job has proven it. */
  @Test
  void anUnreadPushIsKeptWhenAnotherOneHasMovedItsRefsOn() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    leave("r", git.bundle("main"), update(MAIN, first));
    String second = git.commit("a.txt", "two");
    leave("r", git.bundle("main", "^" + first), update(MAIN, second));
    runJobs("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(clone("r").refs()).isEqualTo(git.refs());
  }

  @Test
  void whatCannotBeProvenGoesBackWithWhatWasBuiltOnIt() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    handle(upload("r", git.bundle("--all")));
    String second = git.commit("a.txt", "two");
    byte[] broken = git.bundle("main", "^" + first);
    broken[broken.length - 30] ^= 1;
    String third = git.commit("a.txt", "three");
    leave("r", broken, update(MAIN, second), update("refs/heads/new", second));
    leave("r", git.bundle("main", "^" + second), update(MAIN, third));
    assertThat(gitRefs("r")).containsEntry(MAIN, third + "?");
    List<String> before = packKeys();
    runJobs("r");
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, first));
    List<Job> ended = jobs().list(repo("r").repoId(), 2);
    assertThat(ended).allSatisfy(job -> assertThat(job.status()).isEqualTo(Job.Status.FAILED));
    assertThat(ended.getFirst().error()).contains("builds on " + second);
    assertThat(packKeys()).isEqualTo(before);
  }

  @Test
  void aPartOfAnUnreadPushThatIsAtFaultGoesBackAlone() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    handle(upload("r", git.bundle("--all")));
    String second = git.commit("a.txt", "two");
    byte[] bundle = git.bundle("main", "^" + first);
    git.run("checkout", "-q", "--orphan", "aside");
    String aside = git.commit("b.txt", "b");
    leave(
        "r",
        bundle,
        update(MAIN, second),
        update("refs/heads/missing", aside),
        update("refs/tags/missing", aside));
    runJobs("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(lastJob("r").result()).contains("missing_objects");
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, second));
    // All or nothing, where that was asked for.
    git.run("checkout", "-q", "main");
    String third = git.commit("a.txt", "three");
    announce(
        "r",
        git.bundle("main", "^" + second),
        0,
        true,
        update(MAIN, third),
        update("refs/heads/missing", aside));
    runJobs("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, second));
  }

  @Test
  void anUnreadPushThatLeavesHistoryIsFoundOut() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    String second = git.commit("a.txt", "two");
    handle(upload("r", git.bundle("--all")));
    git.run("reset", "-q", "--hard", first);
    String other = git.commit("b.txt", "other");
    byte[] bundle = git.bundle("main", "^" + first);
    leave("r", bundle, update(MAIN, other));
    runJobs("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("non_fast_forward");
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, second));
    leave("r", bundle, forced(MAIN, other));
    runJobs("r");
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, other));
  }

  @Test
  void aSpentUploadThatComesOnceMoreIsAnInboxAgain() {
    TestGit git = git();
    git.commit("a.txt", "one");
    byte[] bundle = git.bundle("--all");
    handle(upload("r", bundle));
    clock.advance(SpentUploads.KEPT.plusSeconds(1));
    SpentUploads spent = new SpentUploads(catalog, store);
    assertThat(spent.delete(spent.plan(clock.instant()), clock.instant())).isEmpty();
    assertThat(uploads()).isEmpty();
    clone("r");
    assertThat(spent.plan(clock.instant())).isEmpty();
    handle(upload("r", bundle));
    assertThat(spent.plan(clock.instant())).hasSize(1);
  }

  private List<String> uploads() {
    return store.keys().stream().filter(key -> key.startsWith("bundles/")).toList();
  }

  @Test
  void aBundleTooLargeIsRefusedBeforeItIsRead() {
    TestGit git = git();
    git.commit("a.txt", "one");
    String event = upload("r", git.bundle("--all"));
    BundleIndex.Ports ports = ports(store, catalog, queue);
    new BundleIndex(
            new BundleIndex.Ports(
                ports.store(),
                ports.catalog(),
                ports.queue(),
                ports.deadLetters(),
                ports.reader(),
                ports.limits(),
                ports.temp(),
                new PackLimits(100, 100, 100, 100),
                ports.clock(),
                ports.ticker(),
                ports.ids(),
                ports.staleClaim(),
                ports.retryAfter(),
                ports.log()))
        .handle(event, () -> 600_000);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("bundles/alice/r/", "100 at most");
  }

  @Test
  void whatIsNoSoundBundleIsRefusedByName() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    byte[] bundle = git.bundle("--all");
    byte[] cut = java.util.Arrays.copyOf(bundle, bundle.length - 40);
    byte[] empty = "# v2 git bundle\n".getBytes(StandardCharsets.US_ASCII);
    byte[] named =
        ("# v2 git bundle\n" + first + " refs/heads/../../x\n\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] partial =
        ("# v3 git bundle\n@filter=blob:none\n" + first + " refs/heads/x\n\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] sha256 =
        "# v3 git bundle\n@object-format=sha256\n\n".getBytes(StandardCharsets.US_ASCII);
    int n = 0;
    for (byte[] bad : List.of(cut, empty, named, partial, sha256)) {
      String repo = "bad" + n++;
      handle(upload(repo, bad));
      assertThat(lastJob(repo).status()).isEqualTo(Job.Status.FAILED);
      assertThat(lastJob(repo).attempt()).isEqualTo(1);
      assertThat(lastJob(repo).error()).isNotBlank();
      assertThat(gitRefs(repo)).isEmpty();
      assertThat(repo(repo).kind()).isNull();
    }
    assertThat(packKeys()).isEmpty();
    assertThat(spool.toFile().list()).isEmpty();
  }

  @Test
  void anAnnouncedPushIsTheSameAsItsEventBeforeOrAfter() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    byte[] bundle = git.bundle("--all");
    GitPushes.Result pushed = announce("r", bundle, 1 << 20, false, update(MAIN, first));
    assertThat(pushed.results()).extracting(RefResult::status).containsOnly(RefResult.Status.OK);
    List<String> rows = dump();
    handle(upload("r", bundle));
    assertThat(dump()).isEqualTo(rows);
    // A push that is sent again, as its answer was lost.
    GitPushes.Result again = announce("r", bundle, 1 << 20, false, update(MAIN, first));
    assertThat(again.results())
        .extracting(RefResult::status)
        .containsOnly(RefResult.Status.UNCHANGED);
    assertThat(packs("r")).hasSize(1);
  }

  @Test
  void aMuseBundleDoesNotGoIntoAGitRepository() {
    TestGit git = git();
    String first = git.commit("a.txt", "one");
    handle(upload("r", git.bundle("--all")));
    TestHistory history = new TestHistory();
    String commit = history.commit("c", Map.of("a", "b"));
    handle(upload("r", history.head("main", commit).bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("git history");
    assertThat(gitRefs("r")).containsExactly(Map.entry(MAIN, first));
    assertThatThrownBy(() ->
            gitPushes(0)
                .push(
                    repo("r"),
                    null,
                    new dev.sheaf.repository.git.RefsRequest(
                        List.of(update(MAIN, first), update(MAIN, first)), null, null, false)))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("twice");
  }
}
