package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed git with {@code git-remote-sheaf} in PATH, against the whole stack. */
class PlainGitTest {
  private final Target target = Target.shared();
  private final String url = "sheaf::" + target.url() + "/acceptance/" + UUID.randomUUID();

  @TempDir Path folder;
  private GitHelper helper;
  private Path work;

  @BeforeEach
  void begin() throws IOException, InterruptedException {
    helper = GitHelper.of(target, folder);
    work = Files.createDirectory(folder.resolve("work"));
    git(work, "init", "--quiet", "--initial-branch=main");
    commit(work, "one", 2_000);
    git(work, "remote", "add", "origin", url);
  }

  /** More than is read before the answer, so that a job has its part in it as well. */
  @Test
  void everythingThatIsPushedIsCloned() throws IOException, InterruptedException {
    commit(work, "large", 6 << 20);
    git(work, "tag", "-a", "-m", "first", "v1");
    git(work, "tag", "light", "HEAD^");
    git(work, "branch", "side/of-it", "HEAD^");
    git(work, "notes", "add", "-m", "noted");
    git(work, "push", "--quiet", "--mirror", "origin");
    Path copy = mirror("copy");
    assertSame(copy);
    commit(work, "further", 100);
    git(work, "push", "--quiet", "origin", "main", "+main:side/of-it", ":light");
    git(work, "update-ref", "refs/heads/side/of-it", "main");
    git(work, "tag", "--delete", "light");
    git(copy, "fetch", "--quiet", "--prune", "origin");
    assertSame(copy);
    assertSame(mirror("another"));
    Path plain = folder.resolve("plain");
    git(folder, "clone", "--quiet", url, plain.toString());
    assertThat(git(plain, "status", "--porcelain", "--branch")).isEqualTo("## main...origin/main");
    assertThat(git(plain, "log", "--format=%H")).isEqualTo(git(work, "log", "--format=%H"));
  }

  @Test
  void severalRefsMoveAndOneIsDeleted() throws IOException, InterruptedException {
    git(work, "branch", "side");
    git(work, "tag", "v1");
    git(work, "push", "--quiet", "--atomic", "origin", "main", "side", "v1");
    assertThat(there()).contains("refs/heads/main", "refs/heads/side", "refs/tags/v1");
    git(work, "push", "--quiet", "origin", "--delete", "side");
    assertThat(there()).contains("refs/heads/main", "refs/tags/v1").doesNotContain("side");
  }

  @Test
  void aLeaseIsRefusedAndThenKept() throws IOException, InterruptedException {
    git(work, "push", "--quiet", "origin", "main");
    Path other = folder.resolve("other");
    git(folder, "clone", "--quiet", url, other.toString());
    commit(other, "theirs", 100);
    git(other, "push", "--quiet", "origin", "main");
    commit(work, "mine", 100);
    assertThat(helper.run(work, "push", "origin", "main").text()).contains("[rejected]");
    GitHelper.Ended refused = helper.run(work, "push", "--force-with-lease", "origin", "main");
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.text()).contains("stale info");
    assertThat(there()).contains(git(other, "rev-parse", "main"));
    git(work, "fetch", "--quiet", "origin");
    git(work, "push", "--quiet", "--force-with-lease", "origin", "main");
    assertThat(there()).contains(git(work, "rev-parse", "main"));
  }

  /** All refs, HEAD, every object, and what git says of them. */
  private void assertSame(Path copy) throws IOException, InterruptedException {
    String refs = "--format=%(refname) %(objectname) %(*objectname)";
    assertThat(git(copy, "for-each-ref", refs))
        .isEqualTo(withoutTracking(git(work, "for-each-ref", refs)));
    assertThat(git(copy, "symbolic-ref", "HEAD")).isEqualTo(git(work, "symbolic-ref", "HEAD"));
    String[] objects = {"rev-list", "--objects", "--no-object-names", "--all"};
    assertThat(git(copy, objects).lines())
        .containsExactlyInAnyOrderElementsOf(git(work, objects).lines().toList());
    assertThat(git(copy, "fsck", "--strict", "--no-dangling", "--no-progress")).isEmpty();
  }

  private static String withoutTracking(String refs) {
    return String.join(
        "\n", refs.lines().filter(line -> !line.startsWith("refs/remotes/")).toList());
  }

  private Path mirror(String name) throws IOException, InterruptedException {
    Path copy = folder.resolve(name + ".git");
    git(folder, "clone", "--quiet", "--mirror", url, copy.toString());
    return copy;
  }

  private String there() throws IOException, InterruptedException {
    return git(folder, "ls-remote", url);
  }

  private void commit(Path repository, String name, int size)
      throws IOException, InterruptedException {
    byte[] noise = new byte[size];
    new Random(name.hashCode()).nextBytes(noise);
    Files.write(repository.resolve(name), noise);
    git(repository, "add", ".");
    git(repository, "commit", "--quiet", "-m", "Add " + name);
  }

  private String git(Path directory, String... arguments) throws IOException, InterruptedException {
    return helper.git(directory, arguments);
  }
}
