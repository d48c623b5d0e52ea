package dev.sheaf.cli.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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

  /** Git hands these on to whom it starts in variables, beside those that name its repository. */
  @Test
  void mayBeNamedForOneRunOfGitAlone() throws IOException {
    keep("sheaf_other", "/lying/other");
    keep("sheaf_own", "/lying/repository");
    String helper = "credential.helper=store --file=" + store;
    String repository = folder.resolve("repository").toString();
    Command.git(folder, "init", "--quiet", repository);
    lsRemote(Map.of(), "-C", repository, "-c", helper, "-c", "credential.useHttpPath=true");
    assertThat(site.requests()).containsExactly("/lying/repository/refs Bearer sheaf_own");
    lsRemote(
        Map.of(
            "GIT_CONFIG_COUNT", "2",
            "GIT_CONFIG_KEY_0", "credential.helper",
            "GIT_CONFIG_VALUE_0", "store --file=" + store,
            "GIT_CONFIG_KEY_1", "credential.useHttpPath",
            "GIT_CONFIG_VALUE_1", "true"));
    assertThat(site.requests().getLast()).isEqualTo("/lying/repository/refs Bearer sheaf_own");
    lsRemote(Map.of("GIT_CONFIG_GLOBAL", config.toString()), "-c", "credential.helper=");
    assertThat(site.requests().getLast()).isEqualTo("/lying/repository/refs ");
  }

  private void lsRemote(Map<String, String> more, String... options) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path program = bin.resolve("git-remote-sheaf");
    Files.writeString(
        program,
        Command.sheaf().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" ", "#!/bin/sh\nexec ", " remote-helper \"$@\"\n")));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Map<String, String> variables = new HashMap<>(more);
    variables.put("PATH", bin + ":" + System.getenv("PATH"));
    variables.put("HOME", folder.toString());
    variables.putIfAbsent("GIT_CONFIG_GLOBAL", "/dev/null");
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(options));
    command.addAll(List.of("ls-remote", "sheaf::" + site.url()));
    Command run = Command.of(folder, variables, command);
    assertThat(run.exit()).as(run.output()).isZero();
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
