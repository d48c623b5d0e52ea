package dev.sheaf.cli.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What git's credential-store keeps. */
class GitCredentialTest {
  @TempDir Path folder;
  private LyingSite site;
  private Path store = Path.of("");
  private Path config = Path.of("");

  @BeforeEach
  void start() throws IOException {
    site = new LyingSite().says("refs", Map.of("branch_heads", Map.of()));
    store = folder.resolve("store");
    config =
        Files.writeString(
            folder.resolve("config"), "[credential]\nhelper = store --file=" + store + "\n");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  @Test
  void isUsedAndKeptAsLongAsTheSiteKnowsIt() throws IOException {
    keep("sheaf_kept", "");
    assertThat(refs().exit()).isZero();
    assertThat(site.requests()).containsExactly("/lying/repository/refs Bearer sheaf_kept");
    assertThat(store).content().contains("sheaf_kept");
    site.answers(404);
    refs();
    assertThat(store).content().contains("sheaf_kept");
  }

  @Test
  void isForgottenWhenTheSiteDoesNotKnowIt() throws IOException {
    keep("sheaf_revoked", "");
    site.answers(401);
    Run run = refs();
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("the site does not know this token");
    assertThat(run.err()).doesNotContain("sheaf_revoked");
    assertThat(store).content().doesNotContain("sheaf_revoked");
  }

  @Test
  void mayBeOneOfTheRepositorysOwn() throws IOException {
    Files.writeString(config, Files.readString(config) + "useHttpPath = true\n");
    keep("sheaf_other", "/lying/other");
    keep("sheaf_own", "/lying/repository");
    assertThat(refs().exit()).isZero();
    assertThat(site.requests()).containsExactly("/lying/repository/refs Bearer sheaf_own");
  }

  private void keep(String token, String path) throws IOException {
    String line = site.root().replace("://", "://ann:" + token + "@") + path + "\n";
    String before = Files.exists(store) ? Files.readString(store) : "";
    Files.writeString(store, before + line);
  }

  private Run refs() {
    Map<String, String> variables =
        Map.of(
            "PATH", System.getenv("PATH"),
            "HOME", folder.toString(),
            "GIT_CONFIG_GLOBAL", config.toString());
    return Run.of(folder, variables, "refs", site.url());
  }
}
