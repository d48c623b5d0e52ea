package dev.sheaf.cli.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.git.RefName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryFolderTest {
  @TempDir private Path folder;

  @Test
  void anEmptyRepositoryIsOneForOthersToo() throws IOException {
    RepositoryFolder.create(folder, false);
    try (Repository repository = open(folder.resolve(".git"))) {
      assertThat(repository.getObjectDatabase().exists()).isTrue();
      assertThat(repository.isBare()).isFalse();
      assertThat(repository.getFullBranch()).isEqualTo("refs/heads/main");
      assertThat(repository.getConfig().getBoolean("core", "filemode", false)).isTrue();
      assertThat(repository.getConfig().getBoolean("core", "logallrefupdates", false)).isTrue();
    }
  }

  @Test
  void aBareOneHasNoWorkTreeAndKnowsWhereItCameFrom() throws IOException {
    RepositoryFolder made = RepositoryFolder.create(folder, true);
    made.setUrl("https://example.com/a/b#\"c");
    made.writeRefs(Map.of(), Map.of());
    made.checkOut(RefName.branch("other"));
    try (Repository repository = open(folder)) {
      assertThat(repository.isBare()).isTrue();
      assertThat(repository.getConfig().getString("sheaf", null, "url"))
          .isEqualTo("https://example.com/a/b#\"c");
      assertThat(repository.getFullBranch()).isEqualTo("refs/heads/other");
    }
  }

  private static Repository open(Path gitFolder) throws IOException {
    return new FileRepositoryBuilder().setGitDir(gitFolder.toFile()).setMustExist(true).build();
  }
}
