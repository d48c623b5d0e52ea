package dev.sheaf.cli.git;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRepositoryTest {
  private static final int NOBODY = 65_534;

  @TempDir Path folder;

  /** Its configuration could name programs that git runs. */
  @Test
  void somebodyElsesRepositoryIsNotReadUntilItIsTrusted() throws IOException {
    Map<String, String> variables =
        Map.of("PATH", System.getenv("PATH"), "HOME", folder.toString());
    Path repository = Files.createDirectory(folder.resolve("theirs"));
    LocalRepository.create(variables, repository, false);
    give(repository);
    give(repository.resolve(".git"));
    assertThatThrownBy(() -> LocalRepository.open(variables, repository))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("belongs to somebody else")
        .hasMessageContaining("safe.directory " + repository);
    Files.writeString(folder.resolve(".gitconfig"), "[safe]\ndirectory = " + repository + "\n");
    LocalRepository.open(variables, repository);
  }

  private static void give(Path path) throws IOException {
    try {
      Files.setAttribute(path, "unix:uid", NOBODY);
    } catch (FileSystemException e) {
      abort("only root gives files away");
    }
  }
}
