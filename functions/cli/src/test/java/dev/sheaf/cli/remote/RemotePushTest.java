package dev.sheaf.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What git push moves there, and what it is refused. */
class RemotePushTest extends RemoteHelperFixture {
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
}
