package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.GitSite;
import dev.sheaf.cli.fixtures.RandomRepository;
import dev.sheaf.cli.fixtures.Run;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code push}, {@code clone}, {@code fetch}, {@code pull}; git itself compares. */
class PushAndCloneTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private GitSite site;
  private String url;

  @BeforeEach
  void start() throws IOException {
    site = new GitSite(Files.createDirectory(folder.resolve("site")));
    url = site.url("project");
  }

  @AfterEach
  void stop() {
    assertThat(site.wrongs()).isEmpty();
    site.close();
  }

  @RandomisedTest(seeds = 4)
  void whatIsClonedIsWhatWasPushed(long seed) throws IOException {
    Path original = repository(seed, 60);
    push(original);
    assertSame(original);
    try (RandomRepository grown = RandomRepository.create(folder.resolve("more"), seed + 1)) {
      grown.grow(20);
    }
    Command.git(
        original, "fetch", "--quiet", folder.resolve("more").toString(), "+refs/*:refs/more/*");
    push(original);
    assertSame(original);
    site.fold("project");
    assertSame(original);
  }

  private void assertSame(Path original) throws IOException {
    for (String via : List.of("bundles", "fetch")) {
      Path copy = folder.resolve("copy-" + via + site.requests().size());
      ok(run("clone", "--bare", "--via", via, url, copy.toString()));
      assertThat(contents(copy)).isEqualTo(contents(original));
    }
  }

  /** All refs, HEAD, and every object they reach; fsck has read each. */
  private static List<String> contents(Path repository) {
    String refs = Command.git(repository, "for-each-ref", "--format=%(refname) %(objectname)");
    String objects = Command.git(repository, "rev-list", "--objects", "--no-object-names", "--all");
    List<String> all = new ArrayList<>(refs.lines().toList());
    all.add(Command.git(repository, "symbolic-ref", "HEAD"));
    all.addAll(objects.lines().sorted().toList());
    Command.git(repository, "-c", "fsck.zeroPaddedFilemode=ignore", "fsck", "--no-dangling");
    return all;
  }

  /** A clone asks for packs and for refs side by side. */
  @Test
  void aPushDuringACloneIsNoDamage() throws IOException {
    Path original = work("original");
    push(original);
    commit(original, "two");
    site.betweenPlanAndRefs(() -> ok(run("push", original.toString(), url)));
    ok(run("clone", url, "copy"));
    assertThat(folder.resolve("copy/two")).hasContent("two");
    assertThat(contents(folder.resolve("copy"))).containsAll(contents(original));
  }

  @Test
  void whereHeadStaysBehindIsSaid() throws IOException {
    Path original = work("original");
    push(original);
    Command.git(original, "checkout", "--quiet", "--detach");
    assertThat(run("push", original.toString(), url).out()).doesNotContain("HEAD");
    commit(original, "nowhere");
    String id = Command.git(original, "rev-parse", "HEAD");
    assertThat(ok(run("push", original.toString(), url)).out())
        .contains("HEAD is detached at " + id, "was not sent", "git branch NAME " + id);
    assertThat(push(original).path("head_stays").asText()).contains(id);
    Command.git(original, "branch", "kept");
    assertThat(push(original).path("head_stays").isNull()).isTrue();
    Command.git(original, "symbolic-ref", "HEAD", "refs/heads/unborn");
    assertThat(ok(run("push", original.toString(), url)).out())
        .contains("HEAD names refs/heads/unborn, which has no commit yet");
    ok(run("clone", "--bare", url, "copy"));
    assertThat(Command.git(folder.resolve("copy"), "symbolic-ref", "HEAD"))
        .isEqualTo("refs/heads/main");
  }

  @Test
  void whatIsAboutThisCopyAloneStaysAndIsNamed() throws IOException {
    Path original = work("original");
    Files.writeString(original.resolve("one"), "not yet");
    Command.git(original, "stash", "--quiet");
    Command.git(original, "update-ref", "refs/stash-of-old", "HEAD");
    Path broken = original.resolve(".git/refs/remotes/up/broken");
    Files.createDirectories(broken.getParent());
    Files.writeString(broken, "");
    Run run = ok(run("push", original.toString(), url));
    assertThat(run.out()).contains("about this copy alone, and not sent: refs/stash\n");
    assertThat(push(original).path("only_here"))
        .extracting(JsonNode::asText)
        .containsExactly("refs/remotes/up/broken", "refs/stash");
    assertThat(there()).containsExactly("refs/heads/main", "refs/stash-of-old");
  }

  @Test
  void whatWouldShowAnotherHistoryIsLeftOutAndNamed() throws IOException {
    Path original = work("original");
    push(original);
    Command.git(site.repository("project"), "update-ref", "refs/replace/" + "1".repeat(40), "main");
    assertThat(ok(run("clone", url, "copy")).out())
        .contains("cloned 1 ref into", "left out", "refs/replace/" + "1".repeat(40));
    assertThat(Command.git(folder.resolve("copy"), "for-each-ref", "--format=%(refname)"))
        .isEqualTo("refs/heads/main");
  }

  /** The server judges many branches itself; of what is no branch it would take none. */
  @Test
  void amongManyBranchesNotesGoForward() throws IOException {
    Path original = work("original");
    for (int i = 0; i < 70; i++) {
      Command.git(original, "branch", "b" + i);
    }
    Command.git(original, "notes", "add", "-m", "first");
    push(original);
    commit(original, "two");
    Command.git(original, "notes", "add", "-m", "second");
    for (int i = 0; i < 70; i++) {
      Command.git(original, "branch", "--force", "b" + i, "main");
    }
    push(original);
    assertThat(Command.git(site.repository("project"), "rev-parse", "refs/notes/commits"))
        .isEqualTo(Command.git(original, "rev-parse", "refs/notes/commits"));
    Command.git(original, "tag", "moves", "b0~1");
    push(original);
    Command.git(original, "tag", "--force", "moves", "b0");
    assertThat(failed(run("push", original.toString(), url))).contains("refs/tags/moves");
  }

  @Test
  void anEmptyListOfBordersIsNone() throws IOException {
    Path original = work("original");
    Files.createFile(original.resolve(".git/shallow"));
    push(original);
    assertThat(there()).containsExactly("refs/heads/main");
  }

  @Test
  void aFolderMayBeCalledLikeAFileOfArguments() throws IOException {
    push(work("original"));
    Files.writeString(folder.resolve("home"), "--nonsense");
    ok(run("clone", url, "@home"));
    assertThat(folder.resolve("@home/one")).hasContent("one");
  }

  @Test
  void aSecondPushSendsNothing() throws IOException {
    Path original = repository(13, 20);
    push(original);
    JsonNode report = push(original);
    assertThat(report.path("up_to_date").asBoolean()).isTrue();
    assertThat(report.at("/traffic/total/requests").asInt()).isEqualTo(1);
    assertThat(report.at("/traffic/total/sent_bytes").asLong()).isZero();
    assertThat(run("push", original.toString(), url).out()).contains("up to date");
  }

  @Test
  void oneCommitMoreSendsLittle() throws IOException {
    Path original = folder.resolve("original");
    try (RandomRepository made = RandomRepository.create(original, 14)) {
      made.grow(150);
      push(original);
      made.commitOnMain();
    }
    JsonNode report = push(original);
    assertThat(report.at("/traffic/total/requests").asInt()).isEqualTo(4);
    assertThat(report.at("/traffic/s3-put/sent_bytes").asLong()).isBetween(1L, 5_000L);
  }

  @Test
  void aFurtherFetchBringsOnlyWhatIsNew() throws IOException {
    Path original = folder.resolve("original");
    try (RandomRepository made = RandomRepository.create(original, 15)) {
      made.grow(100);
      push(original);
      ok(run("clone", "--bare", url, "copy"));
      made.commitOnMain();
    }
    push(original);
    JsonNode report = JSON.readTree(ok(run("fetch", "copy", "--json")).out());
    assertThat(report.path("pack_bytes").asLong()).isBetween(1L, 5_000L);
    assertThat(contents(folder.resolve("copy"))).isEqualTo(contents(original));
    JsonNode again = JSON.readTree(ok(run("fetch", "copy", "--json")).out());
    assertThat(again.at("/traffic/total/requests").asInt()).isEqualTo(1);
  }

  @Test
  void whatGitHasDroppedMeanwhileIsFetchedAgain() throws IOException {
    Path original = repository(16, 30);
    push(original);
    ok(run("clone", "--bare", url, "copy"));
    Path copy = folder.resolve("copy");
    for (String ref : Command.git(copy, "for-each-ref", "--format=%(refname)").lines().toList()) {
      Command.git(copy, "update-ref", "-d", ref);
    }
    Command.git(copy, "gc", "--quiet", "--prune=now");
    ok(run("fetch", "copy"));
    assertThat(contents(copy)).isEqualTo(contents(original));
  }

  @Test
  void pullMovesTheBranchForward() throws IOException {
    Path original = work("original");
    push(original);
    ok(run("clone", url, "copy"));
    commit(original, "two");
    push(original);
    Path copy = folder.resolve("copy");
    JsonNode report = JSON.readTree(ok(run("pull", "copy", "--json")).out());
    assertThat(report.at("/refs/refs~1remotes~1origin~1main").asText())
        .isEqualTo(Command.git(original, "rev-parse", "main"));
    assertThat(copy.resolve("two")).hasContent("two");
    assertThat(Command.git(copy, "status", "--porcelain")).isEmpty();
    commit(copy, "mine");
    commit(original, "theirs");
    push(original);
    Run diverged = run("pull", "copy");
    assertThat(diverged.exit()).isEqualTo(1);
    assertThat(diverged.err()).contains("does not go forward", "git rebase");
    assertThat(copy.resolve("theirs")).doesNotExist();
  }

  @Test
  void whatIsNeitherBranchNorTagIsFetchedAsFarAsItGoesForward() throws IOException {
    Path original = work("original");
    Command.git(original, "notes", "add", "-m", "first");
    Command.git(original, "tag", "fixed");
    Command.git(original, "tag", "moves");
    Command.git(original, "update-ref", "refs/pull/1", "HEAD");
    push(original);
    ok(run("clone", url, "copy"));
    Path copy = folder.resolve("copy");
    commit(original, "two");
    Command.git(original, "notes", "add", "-m", "second");
    Command.git(original, "update-ref", "refs/pull/1", "HEAD");
    Command.git(original, "update-ref", "refs/pull/2", "HEAD");
    Command.git(original, "tag", "--force", "moves");
    push(original, "--force");
    Command.git(copy, "update-ref", "refs/pull/1", Command.git(copy, "write-tree"));
    Run fetched = ok(run("fetch", "copy"));
    for (String same : List.of("refs/notes/commits", "refs/pull/2", "refs/tags/fixed")) {
      assertThat(Command.git(copy, "rev-parse", same))
          .isEqualTo(Command.git(original, "rev-parse", same));
    }
    assertThat(Command.git(copy, "rev-parse", "moves"))
        .isEqualTo(Command.git(original, "rev-parse", "HEAD~1"));
    assertThat(fetched.out())
        .contains("git fetch --force origin refs/tags/moves:refs/tags/moves")
        .contains("refs/pull/1 stays")
        .doesNotContain("fixed");
    JsonNode report = JSON.readTree(ok(run("fetch", "copy", "--json")).out());
    assertThat(report.path("stay"))
        .extracting(JsonNode::asText)
        .containsExactly("refs/pull/1", "refs/tags/moves");
    assertThat(report.at("/traffic/total/requests").asInt()).isEqualTo(1);
  }

  @Test
  void theRemoteMayHaveAnyName() throws IOException {
    Path original = work("original");
    push(original);
    ok(run("clone", url, "copy"));
    Path copy = folder.resolve("copy");
    Command.git(copy, "remote", "rename", "origin", "up/stream");
    commit(original, "two");
    push(original);
    ok(run("pull", "copy"));
    assertThat(copy.resolve("two")).hasContent("two");
    Command.git(copy, "remote", "add", "other", "sheaf::" + site.url("other"));
    assertThat(failed(run("fetch", "copy"))).contains("(other, up/stream)", "branch.BRANCH.remote");
    Command.git(copy, "config", "branch.main.remote", "other");
    ok(run("push", "copy"));
    assertThat(Command.git(site.repository("other"), "rev-parse", "main"))
        .isEqualTo(Command.git(original, "rev-parse", "main"));
  }

  @Test
  void aBranchThatBecameAFolderIsFetchedWithPrune() throws IOException {
    Path original = work("original");
    Command.git(original, "branch", "a");
    push(original);
    ok(run("clone", url, "copy"));
    ok(run("fetch", "copy"));
    Command.git(original, "branch", "-D", "a");
    Command.git(original, "branch", "a/b");
    push(original, "--prune");
    assertThat(failed(run("fetch", "copy")))
        .contains("refs/remotes/origin/a", "sheaf fetch --prune");
    ok(run("fetch", "copy", "--prune"));
  }

  @Test
  void deletionsTravelWhenAsked() throws IOException {
    Path original = work("original");
    Command.git(original, "branch", "side");
    Command.git(original, "tag", "old");
    push(original);
    Command.git(original, "branch", "-D", "side");
    Command.git(original, "tag", "-d", "old");
    assertThat(ok(run("push", original.toString(), url)).out())
        .contains("refs/heads/side, refs/tags/old", "--prune");
    assertThat(there()).contains("refs/heads/side");
    push(original, "--prune");
    assertThat(there()).containsExactly("refs/heads/main");
    Command.git(original, "branch", "again");
    push(original);
    ok(run("push", original.toString(), url, "--delete", "again"));
    assertThat(there()).containsExactly("refs/heads/main");
    assertThat(run("push", original.toString(), url, "--delete", "again").err())
        .contains("the server has no refs/heads/again");
  }

  @Test
  void aRenamedDefaultBranchIsRenamedThere() throws IOException {
    Path original = work("original");
    Command.git(original, "branch", "other");
    push(original);
    Command.git(original, "branch", "--move", "main", "trunk");
    commit(original, "two");
    push(original);
    assertThat(there()).containsExactly("refs/heads/other", "refs/heads/trunk");
    ok(run("clone", url, "copy"));
    assertThat(folder.resolve("copy/two")).hasContent("two");
  }

  @Test
  void aFolderOfBranchesTakesThePlaceOfABranch() throws IOException {
    Path original = work("original");
    Command.git(original, "branch", "a");
    push(original);
    Command.git(original, "branch", "-D", "a");
    Command.git(original, "branch", "a/b");
    push(original, "--prune");
    assertThat(there()).containsExactly("refs/heads/a/b", "refs/heads/main");
  }

  @Test
  void whatWouldGoBackNeedsForce() throws IOException {
    Path original = folder.resolve("original");
    ObjectId first;
    try (RandomRepository made = RandomRepository.create(original, 17)) {
      made.grow(1);
      first = ObjectId.fromString(Files.readString(original.resolve("refs/heads/main")).strip());
      made.grow(20);
      push(original);
      made.branch("main", first);
    }
    int before = site.requests().size();
    Run refused = run("push", original.toString(), url);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("refs/heads/main", "--force", "nothing was sent");
    assertThat(site.requests().subList(before, site.requests().size())).containsExactly("refs");
    push(original, "--force");
    assertThat(Command.git(site.repository("project"), "rev-parse", "main"))
        .isEqualTo(first.name());
  }

  @Test
  void anAnswerThatWasLostIsNoFailure() throws IOException {
    Path original = repository(18, 20);
    site.loseAnswerOf("unpack-bundle");
    ok(run("push", original.toString(), url));
    assertThat(there()).contains("refs/heads/main");
    site.loseAnswerOf("clone-plan");
    ok(run("clone", "--bare", url, "copy"));
  }

  @Test
  void oneBranchAlone() throws IOException {
    Path original = repository(20, 30);
    push(original, "--branch", "side/of-it");
    assertThat(there()).containsExactly("refs/heads/side/of-it");
    assertThat(run("push", original.toString(), url, "-b", "none").err())
        .contains("has no branch 'none'");
  }

  @Test
  void hereIsTheRepositoryAroundItAndElsewhereIsNot() throws IOException {
    Path original = work("original");
    Path inside = Files.createDirectories(original.resolve("deep/er"));
    ok(Run.of(inside, Map.of(), "push", ".", url));
    commit(original, "two");
    ok(Run.of(inside, Map.of("SHEAF_URL", url), "push"));
    assertThat(there()).contains("refs/heads/main");
    assertThat(Run.of(original, Map.of(), "push", "deep/er", url).err())
        .contains("is not a git repository");
  }

  @Test
  void theUsersOwnVariablesAreOfNoConcern() throws IOException {
    Path original = work("original");
    Map<String, String> hook =
        Map.of(
            "PATH", System.getenv("PATH"),
            "GIT_DIR", folder.resolve("elsewhere").toString(),
            "GIT_WORK_TREE", folder.toString(),
            "GIT_INDEX_FILE", folder.resolve("index").toString(),
            "GIT_OBJECT_DIRECTORY", folder.resolve("objects").toString(),
            "GIT_NAMESPACE", "other");
    ok(Run.of(folder, hook, "push", "original", url));
    ok(Run.of(folder, hook, "clone", url, "copy"));
    assertThat(folder.resolve("copy/one")).hasContent("one");
    assertThat(contents(folder.resolve("copy"))).isEqualTo(contents(original));
    assertThat(folder.resolve("elsewhere")).doesNotExist();
    assertThat(folder.resolve("index")).doesNotExist();
  }

  @Test
  void damageIsNamed() throws IOException {
    Path original = work("original");
    push(original);
    Path branch = original.resolve(".git/refs/heads/broken");
    Files.writeString(branch, "");
    assertThat(failed(run("push", original.toString(), url)))
        .contains("is damaged", "refs/heads/broken");
    Files.delete(branch);
    commit(original, "two");
    String id = Command.git(original, "rev-parse", "HEAD:two");
    Path object = original.resolve(".git/objects/" + id.substring(0, 2) + "/" + id.substring(2));
    Path other = original.resolve(".git/objects").resolve("aside");
    Files.move(object, other);
    assertThat(failed(run("push", original.toString(), url))).contains("is damaged", id);
    Files.write(object, new byte[] {1, 2, 3});
    assertThat(failed(run("push", original.toString(), url))).contains("is damaged", id);
  }

  /** Git packs what it finds under a name; that it is another object, only the server notices. */
  @Test
  void anObjectUnderAnothersNameIsFoundHere() throws IOException {
    Path original = work("original");
    Files.writeString(original.resolve("a"), "1");
    Files.writeString(original.resolve("b"), "2");
    Command.git(original, "add", ".");
    Command.git(original, "commit", "--quiet", "-m", "two");
    Files.copy(loose(original, "HEAD:b"), moved(loose(original, "HEAD:a")));
    assertThat(failed(run("push", original.toString(), url))).contains("is damaged");
    assertThat(site.requests()).contains("unpack-bundle");
  }

  private static Path loose(Path repository, String name) {
    String id = Command.git(repository, "rev-parse", name);
    return repository.resolve(".git/objects/" + id.substring(0, 2) + "/" + id.substring(2));
  }

  private static Path moved(Path file) throws IOException {
    Files.move(file, file.resolveSibling("aside"));
    return file;
  }

  @Test
  void whatCannotBeCarriedIsRefusedInASentence() throws IOException {
    work("original");
    Command.git(folder, "init", "--quiet", "--object-format=sha256", "sha256");
    commit(folder.resolve("sha256"), "one");
    commit(folder.resolve("original"), "two");
    String origin = "file://" + folder.resolve("original");
    Command.git(folder, "clone", "--quiet", "--depth", "1", origin, "shallow");
    Command.git(folder.resolve("original"), "config", "uploadpack.allowFilter", "true");
    Command.git(folder, "clone", "--quiet", "--filter=blob:none", "-n", origin, "partial");
    Files.createDirectory(folder.resolve("none"));
    Command.git(folder, "init", "--quiet", "empty");
    for (String name : List.of("sha256", "shallow", "partial")) {
      assertThat(failed(run("push", name, url))).contains(name);
    }
    assertThat(failed(run("push", "none", url))).contains("not a git repository");
    assertThat(failed(run("push", "empty", url))).contains("no commits yet");
    assertThat(site.requests()).doesNotContain("presign", "unpack-bundle");
  }

  @Test
  void aWorkTreeThatCannotBeFilledLeavesTheRepository() throws IOException {
    Path original = folder.resolve("original");
    Command.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "original");
    Path content = Files.writeString(folder.resolve("content"), "x");
    String blob = Command.git(original, "hash-object", "-w", content.toString());
    Path index = original.resolve("index");
    Command.git(
        original, "update-index", "--add", "--cacheinfo", "100644," + blob + "," + "n".repeat(300));
    String tree = Command.git(original, "write-tree");
    Files.delete(index);
    Command.git(
        original,
        "update-ref",
        "refs/heads/main",
        Command.git(original, "commit-tree", "-m", "m", tree));
    push(original);
    Run run = run("clone", url, "copy");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("the repository is in", "could not all be written");
    assertThat(contents(folder.resolve("copy"))).isEqualTo(contents(original));
  }

  private List<String> there() {
    return Command.git(site.repository("project"), "for-each-ref", "--format=%(refname)")
        .lines()
        .toList();
  }

  private Path work(String name) throws IOException {
    Path work = Files.createDirectory(folder.resolve(name));
    Command.git(work, "init", "--quiet", "--initial-branch=main");
    commit(work, "one");
    return work;
  }

  private static void commit(Path work, String name) throws IOException {
    Files.writeString(work.resolve(name), name);
    Command.git(work, "add", ".");
    Command.git(work, "commit", "--quiet", "-m", name);
  }

  private Path repository(long seed, int commits) throws IOException {
    Path path = folder.resolve("original");
    try (RandomRepository made = RandomRepository.create(path, seed)) {
      made.grow(commits);
    }
    return path;
  }

  private JsonNode push(Path original, String... options) throws IOException {
    String[] words =
        Stream.concat(Stream.of("push", original.toString(), url, "--json"), Stream.of(options))
            .toArray(String[]::new);
    return JSON.readTree(ok(run(words)).out());
  }

  private Run run(String... arguments) {
    return Run.of(folder, Map.of("PATH", System.getenv("PATH")), arguments);
  }

  private static Run ok(Run run) {
    assertThat(run.err()).doesNotContain("sheaf: ");
    assertThat(run.exit()).isZero();
    return run;
  }

  private static String failed(Run run) {
    assertThat(run.exit()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("sheaf: "))).hasSize(1);
    assertThat(run.err()).doesNotContain("\tat ", "unexpected");
    return run.err();
  }
}
