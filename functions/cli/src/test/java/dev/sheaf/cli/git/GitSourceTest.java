package dev.sheaf.cli.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.RandomRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitSourceTest {
  @TempDir Path folder;
  private Path repository = Path.of("");

  @BeforeEach
  void makeRepository() throws IOException {
    repository = folder.resolve("repository");
    try (RandomRepository made = RandomRepository.create(repository, 1)) {
      made.grow(5);
    }
  }

  @Test
  void opensBareRepositories() throws IOException {
    try (GitSource source = GitSource.open(repository)) {
      assertThat(RefList.read(source, RefList.Selection.ALL).refs())
          .containsKeys("refs/heads/main", "refs/heads/side/of-it", "refs/tags/nested/v1-again");
    }
  }

  @Test
  void opensWorkTreesAndLinkedOnes() throws IOException {
    Path work = Files.createDirectories(folder.resolve("work"));
    Files.move(repository, work.resolve(".git"));
    Path linked = Files.createDirectories(folder.resolve("linked"));
    Path admin = Files.createDirectories(work.resolve(".git/worktrees/linked"));
    Files.writeString(linked.resolve(".git"), "gitdir: " + admin + "\n");
    Files.writeString(admin.resolve("commondir"), "../..\n");
    Files.writeString(admin.resolve("gitdir"), linked.resolve(".git") + "\n");
    Files.writeString(admin.resolve("HEAD"), "ref: refs/heads/side/of-it\n");
    for (Path place : List.of(work, linked)) {
      try (GitSource source = GitSource.open(place)) {
        RefList refs = RefList.read(source, RefList.Selection.ALL);
        assertThat(refs.refs()).containsKey("refs/heads/main");
        assertThat(source.commonFolder().toRealPath()).isEqualTo(work.resolve(".git").toRealPath());
      }
    }
  }

  @Test
  void readsObjectsOfAlternates() throws IOException {
    Path borrower = folder.resolve("borrower");
    try (RandomRepository empty = RandomRepository.create(borrower, 2)) {
      Path info = Files.createDirectories(borrower.resolve("objects/info"));
      Files.writeString(info.resolve("alternates"), repository.resolve("objects") + "\n");
      empty.branch("main", head());
    }
    try (GitSource source = GitSource.open(borrower);
        GitHistory history = new GitHistory(source)) {
      assertThat(history.commitsBetween(List.of(), List.of(head()))).isNotEmpty();
    }
  }

  private ObjectId head() throws IOException {
    try (GitSource source = GitSource.open(repository)) {
      return RefList.read(source, new RefList.Selection(List.of("main"), false))
          .tips()
          .iterator()
          .next();
    }
  }

  @Test
  void refusesWhatIsNotThereOrNotGit() throws IOException {
    assertRefused(folder.resolve("nowhere"), "there is no directory");
    assertRefused(Files.createDirectories(folder.resolve("plain")), "is not a git repository");
  }

  @Test
  void aFolderInsideARepositoryIsNotTakenForIt() throws IOException {
    Files.move(repository, folder.resolve(".git"));
    assertRefused(Files.createDirectories(folder.resolve("inner")), "is not a git repository");
  }

  @Test
  void refusesShallowClones() throws IOException {
    Files.writeString(repository.resolve("shallow"), head().name() + "\n");
    assertRefused(repository, "git fetch --unshallow");
  }

  @Test
  void refusesPartialClones() throws IOException {
    config("[remote \"origin\"]\n\tpromisor = true\n");
    assertRefused(repository, "partial clone");
  }

  @Test
  void refusesSha256Repositories() throws IOException {
    config("[extensions]\n\tobjectFormat = sha256\n");
    assertRefused(repository, "sha256 object ids");
  }

  private void config(String text) throws IOException {
    Files.writeString(repository.resolve("config"), text, StandardOpenOption.APPEND);
  }

  @Test
  void refusesRepositoriesWithoutCommits() throws IOException {
    Path empty = folder.resolve("empty");
    RandomRepository.create(empty, 3).close();
    try (GitSource source = GitSource.open(empty)) {
      assertThatThrownBy(() -> RefList.read(source, RefList.Selection.ALL))
          .hasMessageContaining("has no commits yet");
    }
  }

  @Test
  void refusesTagsOnTreesUnlessToldToSkipThem() throws IOException {
    try (GitSource source = GitSource.open(repository);
        GitHistory history = new GitHistory(source)) {
      ObjectId tree = history.commit(head()).tree();
      Files.writeString(
          Files.createDirectories(repository.resolve("refs/tags")).resolve("on-a-tree"),
          tree.name() + "\n");
      assertThatThrownBy(() -> RefList.read(source, RefList.Selection.ALL))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("refs/tags/on-a-tree")
          .hasMessageContaining("--skip-unsupported-tags");
      assertThat(RefList.read(source, new RefList.Selection(List.of(), true)).refs())
          .doesNotContainKey("refs/tags/on-a-tree")
          .containsKey("refs/tags/light");
    }
  }

  @Test
  void namesABranchThatIsNotThere() throws IOException {
    try (GitSource source = GitSource.open(repository)) {
      assertThatThrownBy(() -> RefList.read(source, new RefList.Selection(List.of("nope"), false)))
          .hasMessageContaining("no branch 'nope'");
    }
  }

  @Test
  void writesNothingIntoTheRepository() throws IOException {
    List<String> before = names();
    try (GitSource source = GitSource.open(repository);
        GitHistory history = new GitHistory(source)) {
      history.commitsBetween(List.of(), List.of(head()));
      assertThat(names()).isEqualTo(before);
    }
    assertThat(names()).isEqualTo(before);
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(repository)) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  private static void assertRefused(Path path, String reason) {
    assertThatThrownBy(() -> GitSource.open(path).close())
        .isInstanceOf(SheafException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aHeadThatIsALinkIsABranch() throws IOException {
    Path linked = Files.createDirectory(folder.resolve("linked"));
    Command.git(linked, "init", "--quiet", "--initial-branch=trunk");
    Command.git(linked, "commit", "--quiet", "--allow-empty", "-m", "one");
    Path head = linked.resolve(".git/HEAD");
    Files.delete(head);
    Files.createSymbolicLink(head, Path.of("refs/heads/trunk"));
    try (GitSource source = GitSource.open(linked)) {
      assertThat(RefList.read(source, RefList.Selection.ALL).head()).isEqualTo("refs/heads/trunk");
    }
  }

  @Test
  void aNameThatIsNotUtf8IsRefusedNotLost() throws IOException {
    for (boolean packed : List.of(false, true)) {
      Path latin = Files.createDirectory(folder.resolve("latin-" + packed));
      Command.git(latin, "init", "--quiet");
      Command.git(latin, "commit", "--quiet", "--allow-empty", "-m", "one");
      Command made =
          Command.of(
              latin, Map.of(), List.of("/bin/sh", "-c", "git branch \"$(printf 'br\\351')\""));
      assertThat(made.exit()).as(made.output()).isZero();
      if (packed) {
        Command.git(latin, "pack-refs", "--all");
      }
      assertThatThrownBy(
              () -> {
                try (GitSource source = GitSource.open(latin)) {
                  RefList.read(source, RefList.Selection.ALL);
                }
              })
          .hasMessageContaining("refs/heads/br")
          .hasMessageContaining("not UTF-8");
    }
  }

  @Test
  void whatGitTakesForNoRefIsNone() throws IOException {
    Path heads = repository.resolve("refs/heads");
    Files.copy(heads.resolve("main"), heads.resolve("main (conflicted copy)"));
    try (GitSource source = GitSource.open(repository)) {
      assertThat(RefList.read(source, RefList.Selection.ALL).refs())
          .containsKey("refs/heads/main")
          .doesNotContainKey("refs/heads/main (conflicted copy)");
    }
  }
}
