package dev.sheaf.cli.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Run;
import dev.sheaf.cli.git.GitEnvironment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
  @TempDir private Path folder;

  @Test
  void runsThrough() {
    Run run = run("rehearse");
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
  }

  @Test
  void theStandInGivesBackWhatWasPushed() throws IOException {
    RehearsalRepository.create(folder.resolve("original"));
    try (RehearsalSite site = RehearsalSite.start()) {
      assertThat(run("push", "original", site.url()).out())
          .containsPattern("pushed [0-9]+ objects");
      assertThat(run("refs", site.url()).out()).contains("refs/heads/master (default)");
      assertThat(run("clone", site.url(), "copy", "--bare").exit()).isZero();
    }
    assertThat(head("copy")).isEqualTo(head("original"));
  }

  private ObjectId head(String name) throws IOException {
    try (Repository repository =
        GitEnvironment.repository().setGitDir(folder.resolve(name).toFile()).build()) {
      return Objects.requireNonNull(repository.resolve("HEAD"));
    }
  }

  private Run run(String... command) {
    return Run.of(folder, Map.of(), command);
  }
}
