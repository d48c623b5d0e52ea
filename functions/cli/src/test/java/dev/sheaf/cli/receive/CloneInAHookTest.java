package dev.sheaf.cli.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.Run;
import dev.sheaf.cli.rehearsal.RehearsalRepository;
import dev.sheaf.cli.rehearsal.RehearsalSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Git runs hooks with variables that name the user's repository; a clone is another one. */
class CloneInAHookTest {
  @TempDir Path folder;

  @Test
  void theRepositoryOfTheHookKeepsItsUncommittedWork() throws IOException {
    try (RehearsalSite site = RehearsalSite.start()) {
      RehearsalRepository.create(folder.resolve("original"));
      assertThat(Run.of(folder, Map.of(), "push", "original", site.url()).exit()).isZero();
      Path mine = repository(site.url());
      Files.writeString(mine.resolve("file"), "a day of work");
      Files.writeString(mine.resolve("staged"), "staged");
      Command.git(mine, "add", "staged");
      // "commit FILE" gives the hook an index of its own beside.
      Command.git(mine, "commit", "--quiet", "-m", "one file", "staged");
      assertThat(mine.resolve("file")).hasContent("a day of work");
      assertThat(Command.git(mine, "status", "--porcelain")).isEqualTo("M file");
      assertThat(Command.git(mine, "ls-tree", "--name-only", "HEAD")).isEqualTo("file\nstaged");
      Path copy = folder.resolve("copy");
      assertThat(Command.git(copy, "rev-list", "--count", "HEAD")).isEqualTo("60");
      assertThat(Command.git(copy, "status", "--porcelain")).isEmpty();
    }
  }

  private Path repository(String url) throws IOException {
    Path mine = Files.createDirectory(folder.resolve("mine"));
    Command.git(mine, "init", "--quiet");
    Files.writeString(mine.resolve("file"), "kept");
    Command.git(mine, "add", ".");
    Command.git(mine, "commit", "--quiet", "-m", "first");
    Path hook = mine.resolve(".git/hooks/pre-commit");
    String clone =
        Stream.concat(
                Command.sheaf().stream(),
                Stream.of("clone", url, folder.resolve("copy").toString()))
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(hook, "#!/bin/sh\nexport GIT_WORK_TREE=$PWD\nexec " + clone + "\n");
    assertThat(hook.toFile().setExecutable(true)).isTrue();
    return mine;
  }
}
