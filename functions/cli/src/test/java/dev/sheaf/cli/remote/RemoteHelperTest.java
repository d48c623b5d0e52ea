package dev.sheaf.cli.remote;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The installed git with remotes whose URL begins with sheaf::. */
class RemoteHelperTest extends RemoteHelperFixture {
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
}
