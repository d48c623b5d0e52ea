package dev.sheaf.cli.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.fixtures.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed git, started from shells that point elsewhere. */
class GitProgramTest {
  @TempDir Path folder;
  private Path mine = Path.of("");
  private Path other = Path.of("");

  @BeforeEach
  void makeRepositories() throws IOException {
    mine = repository("mine", "kept");
    Files.writeString(mine.resolve("file"), "a day of work");
    other = repository("other", "other");
    Files.delete(other.resolve("file"));
  }

  private Path repository(String name, String content) throws IOException {
    Path path = Files.createDirectory(folder.resolve(name));
    Command.git(path, "init", "--quiet");
    Files.writeString(path.resolve("file"), content);
    Command.git(path, "add", ".");
    Command.git(path, "commit", "--quiet", "-m", name);
    return path;
  }

  @Test
  void noVariableLeadsItToAnotherRepository() throws IOException {
    String git = mine.resolve(".git").toString();
    Map<String, String> pointing =
        Map.ofEntries(
            Map.entry("GIT_DIR", git),
            Map.entry("GIT_COMMON_DIR", git),
            Map.entry("GIT_WORK_TREE", mine.toString()),
            Map.entry("GIT_INDEX_FILE", git + "/index"),
            Map.entry("GIT_OBJECT_DIRECTORY", git + "/objects"),
            Map.entry("GIT_ALTERNATE_OBJECT_DIRECTORIES", git + "/objects"),
            Map.entry("GIT_NAMESPACE", "elsewhere"),
            Map.entry("GIT_CEILING_DIRECTORIES", folder.toString()),
            Map.entry("GIT_CONFIG_COUNT", "1"),
            Map.entry("GIT_CONFIG_KEY_0", "core.worktree"),
            Map.entry("GIT_CONFIG_VALUE_0", mine.toString()),
            Map.entry("GIT_CONFIG_PARAMETERS", "'core.worktree'='" + mine + "'"),
            Map.entry("GIT_QUARANTINE_PATH", git + "/objects"),
            Map.entry("GIT_TRACE", mine.resolve("file").toString()));
    for (Map.Entry<String, String> one : pointing.entrySet()) {
      resetOther(Map.of(one.getKey(), one.getValue()));
    }
    resetOther(pointing);
  }

  private void resetOther(Map<String, String> pointing) throws IOException {
    Files.deleteIfExists(other.resolve("file"));
    GitProgram git = program(pointing);
    assertThat(git.run("reset", "--quiet", "--hard"))
        .as(pointing.toString())
        .isEqualTo(new GitProgram.Outcome(0, ""));
    assertThat(other.resolve("file")).hasContent("other");
    assertThat(mine.resolve("file")).as(pointing.toString()).hasContent("a day of work");
    assertThat(Command.git(mine, "status", "--porcelain")).isEqualTo("M file");
  }

  @Test
  void hooksOfTheUserDoNotRun() throws IOException {
    Path hook = Files.createDirectory(folder.resolve("hooks")).resolve("post-index-change");
    Files.writeString(hook, "#!/bin/sh\ntouch " + folder.resolve("ran") + "\n");
    assertThat(hook.toFile().setExecutable(true)).isTrue();
    Path config = folder.resolve("config");
    Files.writeString(config, "[core]\nhooksPath = " + hook.getParent() + "\nfsmonitor = " + hook);
    Map<String, String> variables = Map.of("GIT_CONFIG_GLOBAL", config.toString());
    assertThat(program(variables).run("reset", "--quiet", "--hard").isDone()).isTrue();
    assertThat(other.resolve("file")).exists();
    assertThat(folder.resolve("ran")).doesNotExist();
  }

  @Test
  void theTokenIsNotForGitAndWhoTheUserIsIsKept() {
    Map<String, String> given =
        Map.of(
            "SHEAF_TOKEN", "sheaf_secret", "GIT_DIR", "x", "GIT_SSH_COMMAND", "ssh", "HOME", "/h");
    assertThat(GitProgram.handedOn(given))
        .containsOnlyKeys(
            "GIT_SSH_COMMAND", "HOME", "LC_ALL", "GIT_NO_REPLACE_OBJECTS", "GIT_GRAFT_FILE");
  }

  @Test
  void whatItSaysIsKeptAndWhatItIsGivenIsRead() throws IOException {
    GitProgram.Outcome failed = program(Map.of()).run("cat-file", "blob", "no-such-thing");
    assertThat(failed.exit()).isEqualTo(128);
    assertThat(failed.complaint()).contains("no-such-thing");
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    String names = "HEAD:file\n".repeat(50_000); // more than a pipe holds, both ways
    program(Map.of())
        .run(names.getBytes(StandardCharsets.US_ASCII), output, "cat-file", "--batch-check");
    assertThat(output.toString(StandardCharsets.US_ASCII).lines()).hasSize(50_000);
  }

  private GitProgram program(Map<String, String> more) {
    Map<String, String> variables = new HashMap<>(System.getenv());
    variables.putAll(more);
    return new GitProgram(variables, other.resolve(".git"), other);
  }

  @Test
  void whyItDoesNotStartIsSaid() throws IOException {
    Path gone = folder.resolve("gone");
    assertThatThrownBy(() -> GitProgram.in(System.getenv(), gone).run("version"))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("there is no such folder")
        .hasMessageContaining(gone.toString());
    assertThatThrownBy(() -> program(Map.of()).run("version", "x".repeat(1 << 20)))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("git did not start")
        .hasMessageContaining("too long");
  }

  @Test
  void repositoriesAreThoseThatAreNamed() throws IOException {
    // A folder that is no repository: git would go up to the one around it.
    Path inside = Files.createDirectories(mine.resolve("inside/.git"));
    GitProgram.Outcome outcome =
        new GitProgram(System.getenv(), inside, inside.getParent()).run("reset", "--hard");
    assertThat(outcome.isDone()).isFalse();
    assertThat(Files.readString(mine.resolve("file"))).isEqualTo("a day of work");
    assertThat(outcome.complaint()).contains("not a git repository");
  }
}
