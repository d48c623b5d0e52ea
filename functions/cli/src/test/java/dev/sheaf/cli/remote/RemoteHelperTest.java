package dev.sheaf.cli.remote;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.GitSite;
import dev.sheaf.cli.fixtures.HelperInThisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed git with remotes whose URL begins with sheaf::. */
class RemoteHelperTest {
  @TempDir Path folder;
  private GitSite site;
  private HelperInThisProcess helper;
  private Path work;
  private String url;

  @BeforeEach
  void start() throws IOException {
    site = new GitSite(Files.createDirectory(folder.resolve("site")));
    url = "sheaf::" + site.url("project");
    helper = new HelperInThisProcess(Files.createDirectory(folder.resolve("bin")));
    work = Files.createDirectory(folder.resolve("work"));
    git(work, "init", "--quiet", "--initial-branch=main");
    commit(work, "one");
    git(work, "remote", "add", "origin", url);
  }

  @AfterEach
  void stop() throws IOException {
    assertThat(site.wrongs()).isEmpty();
    helper.close();
    site.close();
  }

  @Test
  void whatIsPushedIsCloned() throws IOException {
    git(work, "tag", "-a", "-m", "first", "v1");
    git(work, "branch", "side");
    git(work, "push", "--quiet", "origin", "main", "side", "v1");
    Path copy = clone("copy");
    assertThat(git(copy, "rev-parse", "HEAD", "v1", "origin/side"))
        .isEqualTo(git(work, "rev-parse", "HEAD", "v1", "side"));
    assertThat(git(copy, "symbolic-ref", "HEAD")).isEqualTo("refs/heads/main");
    assertThat(copy.resolve("one")).hasContent("one");
    assertThat(git(copy, "fsck", "--strict")).isEmpty();
    assertThat(git(copy, "status", "--porcelain")).isEmpty();
  }

  /** What keeps its pack until the refs are there is gone. */
  @Test
  void aCloneIsThreeRequestsAndLeavesNothingBehind() throws IOException {
    push("main");
    int before = site.requests().size();
    Path copy = clone("a copy");
    assertThat(site.requests().subList(before, site.requests().size()))
        .containsExactly("refs", "clone-plan", "GET");
    try (Stream<Path> packs = Files.list(copy.resolve(".git/objects/pack"))) {
      assertThat(packs.map(pack -> pack.toString().replaceAll(".*\\.", "")))
          .contains("pack", "idx")
          .doesNotContain("keep");
    }
  }

  @Test
  void whatACloneBorrowsIsNotBrought() throws IOException {
    push("main");
    int before = site.requests().size();
    git(folder, "clone", "--quiet", "--reference", work.toString(), url, "copy");
    assertThat(site.requests().subList(before, site.requests().size())).containsExactly("refs");
    assertThat(git(folder.resolve("copy"), "rev-parse", "HEAD"))
        .isEqualTo(git(work, "rev-parse", "main"));
  }

  @Test
  void furtherCommitsGoBothWaysAndBringNothingTwice() throws IOException {
    push("main");
    Path copy = clone("copy");
    commit(copy, "two");
    git(copy, "push", "--quiet", "origin", "main");
    git(work, "pull", "--quiet", "--ff-only", "origin", "main");
    assertThat(git(work, "rev-parse", "main")).isEqualTo(git(copy, "rev-parse", "main"));
    int before = site.requests().size();
    git(work, "fetch", "--quiet", "origin");
    assertThat(site.requests().subList(before, site.requests().size())).containsExactly("refs");
  }

  @Test
  void whatTheServerHasNotReadYetIsBroughtToNobodyWhoSentOrReceivedIt() throws IOException {
    site.readsNoBundlesOf("project");
    push("main");
    Path copy = clone("copy");
    commit(copy, "two");
    git(copy, "push", "--quiet", "origin", "main");
    for (Path reader : List.of(work, clone("later"))) {
      int before = site.requests().size();
      git(reader, "fetch", "--quiet", "origin");
      assertThat(site.requests().subList(before, site.requests().size()))
          .isEqualTo(reader.equals(work) ? List.of("refs", "clone-plan", "GET") : List.of("refs"));
    }
    commit(work, "aside");
    git(work, "push", "--quiet", "origin", "HEAD:refs/heads/side");
    int before = site.requests().size();
    git(copy, "fetch", "--quiet", "origin");
    assertThat(site.requests().subList(before, site.requests().size()))
        .containsExactly("refs", "clone-plan", "GET");
    assertThat(git(copy, "rev-parse", "origin/side")).isEqualTo(git(work, "rev-parse", "HEAD"));
  }

  @Test
  void whatWasRememberedAndIsGoneIsBroughtAgain() throws IOException {
    site.readsNoBundlesOf("project");
    push("main");
    Path copy = clone("copy");
    git(copy, "update-ref", "-d", "refs/remotes/origin/main");
    git(copy, "checkout", "--quiet", "--orphan", "other");
    git(copy, "branch", "-D", "--quiet", "main");
    git(copy, "reflog", "expire", "--all", "--expire=now");
    git(copy, "gc", "--quiet", "--prune=now");
    git(copy, "fetch", "--quiet", "origin");
    assertThat(git(copy, "rev-parse", "origin/main")).isEqualTo(git(work, "rev-parse", "main"));
  }

  @Test
  void aForeignBranchIsNotPushedOver() throws IOException {
    push("main");
    Path other = clone("other");
    commit(other, "theirs");
    git(other, "push", "--quiet", "origin", "main");
    commit(work, "mine");
    Command refused = run(work, "push", "origin", "main");
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.output()).contains("[rejected]");
    assertThat(there("refs/heads/main")).isEqualTo(git(other, "rev-parse", "main"));
    git(work, "push", "--quiet", "--force", "origin", "main");
    assertThat(there("refs/heads/main")).isEqualTo(git(work, "rev-parse", "main"));
  }

  @Test
  void aLeaseHoldsOnlyAsLongAsNobodyMoved() throws IOException {
    push("main");
    Path other = clone("other");
    commit(other, "theirs");
    git(other, "push", "--quiet", "origin", "main");
    git(work, "commit", "--quiet", "--amend", "-m", "again");
    Command refused =
        run(
            work,
            "push",
            "--force-with-lease=main:" + git(work, "rev-parse", "origin/main"),
            "origin",
            "main");
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.output()).contains("stale info");
    git(work, "fetch", "--quiet", "origin");
    git(work, "push", "--quiet", "--force-with-lease", "origin", "main");
    assertThat(there("refs/heads/main")).isEqualTo(git(work, "rev-parse", "main"));
  }

  @Test
  void ofAnAtomicPushAllOrNoneMoves() throws IOException {
    git(work, "branch", "side");
    push("main", "side");
    Path other = clone("other");
    commit(other, "theirs");
    git(other, "push", "--quiet", "origin", "main");
    commit(work, "mine");
    git(work, "branch", "--force", "side", "main");
    String before = there("refs/heads/side");
    Command refused = run(work, "push", "--atomic", "origin", "main", "side");
    assertThat(refused.exit()).isNotZero();
    assertThat(there("refs/heads/side")).isEqualTo(before);
    Command half = run(work, "push", "origin", "main", "side");
    assertThat(half.exit()).isNotZero();
    assertThat(there("refs/heads/side")).isEqualTo(git(work, "rev-parse", "side"));
  }

  /** More refs than go into a request as they are, and the last of them cannot move. */
  @Test
  void anAtomicPushOfManyRefsIsOneAsWell() throws IOException {
    push("main");
    String there = there("refs/heads/main");
    String commands =
        IntStream.range(0, 20_000)
            .mapToObj(i -> "create refs/tags/build/" + i + " " + there + "\n")
            .collect(Collectors.joining());
    Path file = Files.writeString(folder.resolve("commands"), commands);
    Command made =
        Command.of(
            work,
            Map.of(),
            List.of("sh", "-c", "git update-ref --stdin <" + file + " && git pack-refs --all"));
    assertThat(made.exit()).as(made.output()).isZero();
    Path other = clone("other");
    commit(other, "theirs");
    git(other, "push", "--quiet", "origin", "main:zz");
    commit(work, "mine");
    int before = site.requests().size();
    Command refused =
        run(
            work,
            "push",
            "--atomic",
            "--force-with-lease=zz:" + there,
            "origin",
            "main:zz",
            "--tags");
    assertThat(refused.exit()).isNotZero();
    assertThat(refsThere()).containsExactly("refs/heads/main", "refs/heads/zz");
    git(work, "push", "--quiet", "--atomic", "origin", "main:main", "--tags");
    assertThat(refsThere()).hasSize(20_002);
    assertThat(site.requests().subList(before, site.requests().size()))
        .filteredOn("unpack-bundle"::equals)
        .hasSize(1);
  }

  @Test
  void branchesAndTagsAreDeleted() throws IOException {
    git(work, "tag", "v1");
    git(work, "branch", "side");
    push("main", "side", "v1");
    git(work, "push", "--quiet", "origin", "--delete", "side");
    git(work, "push", "--quiet", "origin", ":v1");
    assertThat(refsThere()).containsExactly("refs/heads/main");
    Path copy = clone("copy");
    git(work, "branch", "-D", "side");
    git(work, "branch", "--move", "main", "trunk");
    git(work, "push", "--quiet", "--prune", "origin", "refs/heads/*:refs/heads/*");
    assertThat(refsThere()).containsExactly("refs/heads/trunk");
    git(copy, "fetch", "--quiet", "--prune", "origin");
    assertThat(git(copy, "for-each-ref", "--format=%(refname)", "refs/remotes/origin/main"))
        .isEmpty();
  }

  @Test
  void aMirrorHasEveryRef() throws IOException {
    git(work, "notes", "add", "-m", "note");
    git(work, "tag", "tree", "HEAD^{tree}");
    git(work, "update-ref", "refs/odd/place", "HEAD");
    git(work, "push", "--quiet", "--mirror", "origin");
    git(work, "update-ref", "-d", "refs/remotes/origin/main");
    Path copy = folder.resolve("mirror.git");
    git(folder, "clone", "--quiet", "--mirror", url, copy.toString());
    String format = "--format=%(refname) %(objectname)";
    assertThat(git(copy, "for-each-ref", format)).isEqualTo(git(work, "for-each-ref", format));
    git(work, "update-ref", "-d", "refs/odd/place");
    git(work, "push", "--quiet", "--mirror", "origin");
    assertThat(refsThere()).doesNotContain("refs/odd/place");
  }

  @Test
  void tagsTravelWithTags() throws IOException {
    push("main");
    git(work, "tag", "light");
    git(work, "tag", "-a", "-m", "heavy", "heavy");
    git(work, "push", "--quiet", "--tags", "origin");
    git(work, "tag", "--force", "light", git(work, "rev-parse", "HEAD^{tree}"));
    assertThat(run(work, "push", "--tags", "origin").output()).contains("already exists");
    git(work, "push", "--quiet", "--force", "--tags", "origin");
    assertThat(there("refs/tags/light")).isEqualTo(git(work, "rev-parse", "light"));
  }

  @Test
  void aPartOfAHistoryIsRefusedInASentence() throws IOException {
    push("main");
    Command shallow = run(folder, "clone", "--depth", "1", url, "shallow");
    assertThat(shallow.exit()).isNotZero();
    assertThat(shallow.output())
        .contains("sheaf: a part of a history (option depth) is not served");
    assertThat(folder.resolve("shallow")).doesNotExist();
  }

  @Test
  void whatCannotBeCarriedIsRefusedInASentence() throws IOException {
    push("main");
    commit(work, "two");
    git(folder, "clone", "--quiet", "--depth", "1", "file://" + work, "shallow");
    Command shallow = run(folder.resolve("shallow"), "push", url, "HEAD:refs/heads/other");
    assertThat(shallow.exit()).isNotZero();
    assertThat(shallow.output()).contains("is a shallow clone", "git fetch --unshallow");
    Path sha256 = Files.createDirectory(folder.resolve("sha256"));
    git(sha256, "init", "--quiet", "--object-format=sha256");
    commit(sha256, "one");
    Command longIds = run(sha256, "push", "sheaf::" + site.url("new"), "HEAD:refs/heads/main");
    assertThat(longIds.exit()).isNotZero();
    assertThat(longIds.output()).contains("uses sha256 object ids");
  }

  /** Git puts such names in quotes where it names a lease, and nowhere else. */
  @Test
  void aLeaseMayBeOnABranchOfAnyName() throws IOException {
    for (String name : List.of("café", "a\"b", "日本/\"ü\"")) {
      push("main:refs/heads/" + name);
      git(work, "commit", "--quiet", "--amend", "-m", "again " + name);
      git(work, "push", "--quiet", "--force-with-lease", "origin", "main:refs/heads/" + name);
      assertThat(there("refs/heads/" + name)).isEqualTo(git(work, "rev-parse", "main"));
    }
  }

  /** A submodule's URL may be relative to that of the repository around it, the prefix included. */
  @Test
  void aSubmoduleIsFoundBesideItsRepository() throws IOException {
    push("main");
    Path outer = Files.createDirectory(folder.resolve("outer"));
    git(outer, "init", "--quiet", "--initial-branch=main");
    git(outer, "remote", "add", "origin", "sheaf::" + site.url("outer"));
    String[] allowed = {"-c", "protocol.sheaf.allow=always"};
    git(
        outer,
        Stream.concat(Stream.of(allowed), Stream.of("submodule", "add", "--quiet", "../project"))
            .toArray(String[]::new));
    commit(outer, "around");
    git(outer, "push", "--quiet", "origin", "main");
    String from = "sheaf::" + site.url("outer");
    git(
        folder,
        Stream.concat(
                Stream.of(allowed),
                Stream.of("clone", "--quiet", "--recurse-submodules", from, "whole"))
            .toArray(String[]::new));
    assertThat(folder.resolve("whole/project/one")).hasContent("one");
    assertThat(run(folder, "clone", "--recurse-submodules", from, "part").output())
        .contains("transport 'sheaf' not allowed");
  }

  /** Git can read such a name, in packed-refs, and can write it nowhere. */
  @Test
  void aNameThatNobodyCouldFetchIsNotPushed() throws IOException {
    push("main");
    String tooLong = "refs/tags/" + "l".repeat(251);
    git(work, "pack-refs", "--all");
    Path packed = work.resolve(".git/packed-refs");
    Files.writeString(
        packed, Files.readString(packed) + git(work, "rev-parse", "main") + " " + tooLong + "\n");
    int before = site.requests().size();
    Command refused = run(work, "push", "origin", tooLong);
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.output())
        .contains("refs/tags/lll", "its last part has 251 bytes, 250 are the most");
    assertThat(site.requests().subList(before, site.requests().size())).containsExactly("refs");
  }

  @Test
  void whatIsNotThereIsSaid() {
    Command missing = run(folder, "clone", "sheaf::" + site.url("nothing"), "nothing");
    assertThat(missing.exit()).isNotZero();
    assertThat(missing.output()).contains("sheaf: ", "not found");
    assertThat(folder.resolve("nothing")).doesNotExist();
    push("main");
    assertThat(git(folder, "ls-remote", "--heads", url)).endsWith("refs/heads/main");
  }

  /** With the program itself, as git starts it. */
  @Test
  void nothingSecretIsWrittenOrShown() throws IOException {
    push("main");
    String command =
        Stream.concat(Command.sheaf().stream(), Stream.of("remote-helper"))
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(
        folder.resolve("bin/git-remote-sheaf"), "#!/bin/sh\nexec " + command + " \"$@\"\n");
    String token = "sheaf_" + "s".repeat(40);
    Map<String, String> secret = Map.of("SHEAF_TOKEN", token, "SHEAF_URL", site.root());
    Command cloned = runWith(secret, folder, "clone", "--verbose", url, "secret");
    assertThat(cloned.exit()).as(cloned.output()).isZero();
    assertThat(cloned.output()).doesNotContain(token);
    assertThat(folder.resolve("secret/one")).hasContent("one");
    try (Stream<Path> files = Files.walk(folder.resolve("secret/.git"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), ISO_8859_1)).doesNotContain(token);
      }
    }
  }

  @Test
  void ofManyPushersOneWinsEachRound()
      throws IOException, InterruptedException, ExecutionException {
    push("main");
    int pushers = 16;
    List<Path> copies = new ArrayList<>();
    for (int i = 0; i < pushers; i++) {
      Path copy = folder.resolve("copy-" + i);
      git(folder, "clone", "--quiet", "--local", work.toString(), copy.toString());
      git(copy, "remote", "set-url", "origin", url);
      commit(copy, "by-" + i);
      copies.add(copy);
    }
    List<Callable<Command>> all =
        copies.stream()
            .<Callable<Command>>map(copy -> () -> run(copy, "push", "origin", "main"))
            .toList();
    List<String> won = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(pushers)) {
      List<Future<Command>> runs = threads.invokeAll(all);
      for (int i = 0; i < pushers; i++) {
        Command run = runs.get(i).get();
        if (run.exit() == 0) {
          won.add(git(copies.get(i), "rev-parse", "main"));
        } else {
          assertThat(run.output()).contains("[rejected]");
        }
      }
    }
    assertThat(won).containsExactly(there("refs/heads/main"));
    assertThat(git(site.repository("project"), "fsck", "--strict", "--no-dangling"))
        .doesNotContain("error", "missing");
  }

  private void push(String... refs) {
    String[] words =
        Stream.concat(Stream.of("push", "--quiet", "origin"), Stream.of(refs))
            .toArray(String[]::new);
    git(work, words);
  }

  private Path clone(String name) {
    Path copy = folder.resolve(name);
    git(folder, "clone", "--quiet", url, copy.toString());
    return copy;
  }

  private String there(String ref) {
    return git(site.repository("project"), "rev-parse", ref);
  }

  private List<String> refsThere() {
    return git(site.repository("project"), "for-each-ref", "--format=%(refname)").lines().toList();
  }

  private void commit(Path repository, String name) throws IOException {
    Files.writeString(repository.resolve(name), name);
    git(repository, "add", ".");
    git(repository, "commit", "--quiet", "-m", name);
  }

  private String git(Path directory, String... arguments) {
    Command run = run(directory, arguments);
    assertThat(run.exit()).as(String.join(" ", arguments) + "\n" + run.output()).isZero();
    return run.output().strip();
  }

  private Command run(Path directory, String... arguments) {
    return runWith(Map.of(), directory, arguments);
  }

  private Command runWith(Map<String, String> more, Path directory, String... arguments) {
    Map<String, String> variables = new HashMap<>(more);
    variables.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    variables.put("HOME", folder.toString());
    variables.put("GIT_CONFIG_GLOBAL", "/dev/null");
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of("-c", "user.name=Ann", "-c", "user.email=ann@example.org"));
    command.addAll(List.of(arguments));
    return Command.of(directory, variables, command);
  }
}
