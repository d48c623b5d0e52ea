package dev.sheaf.localstack.workbench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.testing.TestGit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy has to be as its original is, faults of old tools included. */
class ComparisonTest {
  @TempDir Path folder;
  private Path original = Path.of("");

  @BeforeEach
  void historyThatGitComplainsAbout() throws IOException {
    original = folder.resolve("original");
    TestGit git = TestGit.init(original);
    git.commit("a.txt", "one");
    branch(original, "old", "Ann<ann@example.org>");
  }

  private static void branch(Path repository, String name, String author) throws IOException {
    TestGit git = TestGit.init(repository);
    Path commit = repository.resolve(".git/commit");
    Files.writeString(
        commit,
        "tree %s\nauthor %s 1 +0000\ncommitter A <a@b> 1 +0000\n\nold\n"
            .formatted(git.run("rev-parse", "main^{tree}").strip(), author));
    String id =
        git.run("hash-object", "-t", "commit", "-w", "--literally", commit.toString()).strip();
    git.run("update-ref", "refs/heads/" + name, id);
  }

  private Path copy() throws IOException {
    Path copy = folder.resolve("copy");
    TestGit.init(original).run("clone", "-q", "--mirror", ".", copy + "/.git");
    return copy;
  }

  private static Comparison compare(Path original, Path copy) throws IOException {
    return Comparison.of(git(original), git(copy));
  }

  private static Git git(Path repository) {
    return new Git(repository, new GitProgram(System.getenv(), repository.resolve(".git"), null));
  }

  @Test
  void whatGitSaysOfBothIsNoDifference() throws IOException {
    Comparison comparison = compare(original, copy());
    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.complaints()).isEqualTo(1);
  }

  @Test
  void whatGitSaysOfTheCopyAloneIsOne() throws IOException {
    Path copy = copy();
    branch(copy, "new", "Bob<bob@example.org>");
    assertThat(compare(original, copy).differences())
        .anyMatch(line -> line.startsWith("ref too many: "))
        .anyMatch(line -> line.startsWith("complaint of git fsck too many: error in commit "));
  }
}
