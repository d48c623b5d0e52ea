package dev.sheaf.cli.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets to see a token. */
class TokenTest {
  private static final String BEARER = "Bearer sheaf_secret";

  @TempDir Path folder;
  private LyingSite site;
  private LyingSite other;

  @BeforeEach
  void start() throws IOException {
    site = new LyingSite().says("refs", Map.of("branch_heads", Map.of()));
    other = new LyingSite().says("refs", Map.of("branch_heads", Map.of()));
  }

  @AfterEach
  void stop() {
    site.close();
    other.close();
  }

  @Test
  void theSiteThatTheCommandNamesGetsIt() {
    assertThat(run(Map.of(), "refs", site.url()).exit()).isZero();
    assertThat(run(Map.of("SHEAF_URL", site.url()), "refs").exit()).isZero();
    assertThat(run(Map.of("SHEAF_URL", site.root()), "refs", site.url()).exit()).isZero();
    assertThat(site.requests()).hasSize(3).allMatch(request -> request.endsWith(BEARER));
  }

  @Test
  void theTokenOfSheafUrlGoesToNoOtherSite() {
    other.answers(404);
    Run run = run(Map.of("SHEAF_URL", site.url()), "refs", other.url());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("SHEAF_TOKEN was not sent", site.root(), other.root());
    assertThat(other.requests()).containsExactly("/lying/repository/refs ");
    Run given = run(Map.of("SHEAF_URL", site.url()), "refs", other.url(), "--token", "its own");
    assertThat(given.err()).doesNotContain("was not sent");
    assertThat(other.requests()).last().asString().endsWith("Bearer its own");
  }

  @Test
  void aRepositorysOwnConfigurationDoesNotGetIt() throws IOException {
    Path repository = Files.createDirectory(folder.resolve("repository"));
    Command.git(repository, "init", "--quiet");
    Command.git(repository, "commit", "--quiet", "--allow-empty", "-m", "one");
    Command.git(repository, "config", "remote.origin.url", "sheaf::" + other.url());
    other.answers(401);
    Run run = run(Map.of(), "push", repository.toString());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("SHEAF_TOKEN was not sent", "set SHEAF_URL to it");
    assertThat(other.requests()).isNotEmpty().allMatch(request -> !request.contains("Bearer"));
    run(Map.of("SHEAF_URL", other.url()), "push", repository.toString());
    assertThat(other.requests()).last().asString().endsWith(BEARER);
  }

  @Test
  void whereACloneCameFromIsNotOverruledBySheafUrl() throws IOException {
    Path repository = Files.createDirectory(folder.resolve("repository"));
    Command.git(repository, "init", "--quiet");
    Command.git(repository, "commit", "--quiet", "--allow-empty", "-m", "one");
    Command.git(repository, "config", "remote.origin.url", "sheaf::" + other.url());
    for (String command : List.of("push", "fetch")) {
      other.answers(401);
      Run run = run(Map.of("SHEAF_URL", site.url()), command, repository.toString());
      assertThat(run.err()).contains("SHEAF_TOKEN was not sent: it is for " + site.root());
      assertThat(other.requests()).isNotEmpty();
    }
    assertThat(site.requests()).isEmpty();
  }

  @Test
  void neverOverPlainHttpBeyondThisMachineUnlessToldTo() {
    String url = "http://sheaf.invalid/me/project";
    for (String[] command :
        List.of(
            new String[] {"refs", url},
            new String[] {"clone", url, "copy"},
            new String[] {"log", url},
            new String[] {"jobs", url},
            new String[] {"cat", url, "main:x"})) {
      Run run = run(Map.of(), command);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("the token was not sent", "--insecure-http");
    }
    Run run = run(Map.of(), "refs", url, "--insecure-http");
    assertThat(run.err()).contains("cannot be reached");
    Run anonymous = Run.of(folder, Map.of(), "refs", url);
    assertThat(anonymous.err()).contains("cannot be reached");
  }

  @Test
  void theStoreDoesNotGetIt() {
    byte[] bytes = "bytes".getBytes(StandardCharsets.UTF_8);
    String id = Ids.object(bytes).prefixed();
    other.gives(bytes);
    site.says("main", Map.of("object_id", id)).keepsObjectsAt(other.root() + "/bundle");
    Run run = run(Map.of(), "cat", site.url(), "main:file");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).isEqualTo("bytes");
    assertThat(other.requests()).containsExactly("/bundle ");
  }

  @Test
  void whatTheStoreGivesIsProven() {
    site.says("main", Map.of("object_id", Ids.object(new byte[1]).prefixed()));
    site.gives(new byte[2]);
    Run run = run(Map.of(), "cat", site.url(), "main:file");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("came with the bytes of");
  }

  @Test
  void noPlaceForBytesIsAFileOrWeakerThanTheSite() {
    site.says("main", Map.of("object_id", Ids.object(new byte[1]).prefixed()));
    for (String place :
        List.of("file:///etc/passwd", "jar:file:/x!/y", "ftp://127.0.0.1/x", "//")) {
      site.keepsObjectsAt(place);
      Run run = run(Map.of(), "cat", site.url(), "main:file");
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).startsWith("sheaf: ").doesNotContain("unexpected");
    }
  }

  @Test
  void aPasswordInTheUrlIsRefusedAndNotRepeated() {
    Run run = run(Map.of(), "refs", "https://ann:hunter2@example.org/me/project");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("SHEAF_TOKEN").doesNotContain("hunter2");
  }

  private Run run(Map<String, String> variables, String... command) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("SHEAF_TOKEN", "sheaf_secret");
    return Run.of(folder, all, command);
  }
}
