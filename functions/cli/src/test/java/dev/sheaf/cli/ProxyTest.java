package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.CountingProxy;
import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests go through the proxies that git would use. */
class ProxyTest {
  @TempDir Path folder;
  private CountingProxy proxy;
  private LyingSite site;

  @BeforeEach
  void start() throws IOException {
    proxy = new CountingProxy();
    site = new LyingSite().says("refs", Map.of("branch_heads", Map.of()));
  }

  @AfterEach
  void stop() throws IOException {
    site.close();
    proxy.close();
  }

  /** The installed git is asked for the same: where it goes, we go. P stands for the proxy. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://site.test/o/r  | http_proxy=http://P",
        "http://site.test/o/r  | http_proxy=P",
        "http://site.test/o/r  | HTTP_PROXY=http://P",
        "http://site.test/o/r  | https_proxy=http://P",
        "http://site.test/o/r  | ALL_PROXY=http://P",
        "http://site.test/o/r  | all_proxy=http://P",
        "http://site.test/o/r  | http_proxy=http://P no_proxy=site.test",
        "http://site.test/o/r  | http_proxy=http://P no_proxy=other.test,.test",
        "http://site.test/o/r  | http_proxy=http://P NO_PROXY=*",
        "http://mysite.test/o/r| http_proxy=http://P NO_PROXY=site.test",
        "http://site.test/o/r  | http_proxy=http://P no_proxy=other.test NO_PROXY=site.test",
        "http://site.test/o/r  | config:http.proxy=http://P",
        "http://site.test/o/r  | config:http.proxy=http://P no_proxy=site.test",
        "http://site.test/o/r  | config:http.proxy= http_proxy=http://P",
        "http://site.test/o/r  | config:http.http://site.test/.proxy=http://P",
        "http://site.test/o/r  | config:http.http://other.test/.proxy=http://P",
        "http://site.test/o/r  | config:http.proxy=http://127.0.0.1:1 config:http.http://site.test.proxy=http://P",
        "https://site.test/o/r | https_proxy=http://P",
        "https://site.test/o/r | HTTPS_PROXY=http://P",
        "https://site.test/o/r | http_proxy=http://P",
        "https://site.test/o/r | ALL_PROXY=http://P",
        "https://site.test/o/r | https_proxy=http://P no_proxy=test",
        "https://site.test/o/r | https_proxy=http://ann:s%40cret@P",
        "http://site.test/o/r  | http_proxy=http://ann:s%40cret@P"
      })
  void whatGitWouldUseIsUsed(String url, String settings) throws IOException {
    Map<String, String> variables = variables(settings);
    if (settings.contains("@")) {
      proxy.asksWho();
    }
    List<String> git = new ArrayList<>();
    Command.of(folder, variables, List.of("git", "ls-remote", url));
    proxy.heads().forEach(head -> git.add(asked(head)));
    int before = proxy.heads().size();
    Run run = Run.of(folder, variables, "refs", url);
    assertThat(run.exit()).isNotZero();
    List<String> ours =
        proxy.heads().subList(before, proxy.heads().size()).stream().map(ProxyTest::asked).toList();
    assertThat(ours.stream().distinct().toList())
        .as(run.err())
        .isEqualTo(git.stream().distinct().toList());
    assertThat(run.err()).doesNotContain("cret");
  }

  /** Method, host and who asks. */
  private static String asked(String head) {
    String line = head.lines().findFirst().orElse("").replaceAll("test/.*", "test");
    return line.replaceAll(" HTTP/.*", "")
        + head.lines()
            .filter(field -> field.toLowerCase(Locale.ROOT).startsWith("proxy-auth"))
            .map(field -> field.substring("proxy-authorization".length()))
            .collect(Collectors.joining());
  }

  private Map<String, String> variables(String settings) throws IOException {
    Map<String, String> variables = new HashMap<>();
    Path config = folder.resolve("config");
    Files.writeString(config, "");
    for (String setting : settings.replaceAll("\\bP\\b", proxy.address()).split(" ", -1)) {
      int equals = setting.lastIndexOf('=');
      String name = setting.substring(0, equals);
      String value = setting.substring(equals + 1);
      if (name.startsWith("config:")) {
        Command.git(folder, "config", "--file", config.toString(), name.substring(7), value);
      } else {
        variables.put(name, value);
      }
    }
    variables.put("PATH", System.getenv("PATH"));
    variables.put("HOME", folder.toString());
    variables.put("GIT_CONFIG_GLOBAL", config.toString());
    variables.put("GIT_TERMINAL_PROMPT", "0");
    return variables;
  }

  /** One that is there, behind the proxy, for git's helper: by what is set for this run alone. */
  @Test
  void theHelperGoesThroughTheProxyOfARemoteOrOfOneRun() throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path program = bin.resolve("git-remote-sheaf");
    Files.writeString(
        program,
        Command.sheaf().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" ", "#!/bin/sh\nexec ", " remote-helper \"$@\"\n")));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path work = Files.createDirectory(folder.resolve("work"));
    Command.git(work, "init", "--quiet");
    Command.git(work, "remote", "add", "origin", "sheaf::" + url());
    Map<String, String> variables = variables("no_proxy=other.test");
    variables.put("PATH", bin + ":" + System.getenv("PATH"));
    String through = "http.proxy=" + proxy.address();
    Command once =
        Command.of(work, variables, List.of("git", "-c", through, "ls-remote", "origin"));
    assertThat(once.exit()).as(once.output()).isZero();
    assertThat(proxy.heads()).hasSize(1);
    Command.git(work, "config", "remote.origin.proxy", proxy.address());
    Command always = Command.of(work, variables, List.of("git", "ls-remote", "origin"));
    assertThat(always.exit()).as(always.output()).isZero();
    assertThat(proxy.heads()).hasSize(2);
    assertThat(site.requests()).hasSize(2);
  }

  /** Who wrote a repository's configuration would read a token that goes nowhere else. */
  @Test
  void whatIsOnThisMachineIsReachedWithout() throws IOException {
    String settings = "http_proxy=http://P config:http.proxy=http://P";
    Map<String, String> variables = variables(settings);
    variables.put("SHEAF_TOKEN", "secret");
    Run run = Run.of(folder, variables, "refs", site.url());
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(site.requests()).hasSize(1);
    assertThat(proxy.heads()).isEmpty();
  }

  /** The site as the proxy knows it. */
  private String url() {
    return site.url().replace("127.0.0.1", "site.test");
  }

  @Test
  void aProxyThatIsNotThereOrIsNoneIsSaid() throws IOException {
    Run gone = Run.of(folder, variables("http_proxy=http://127.0.0.1:1"), "refs", url());
    assertThat(gone.err()).contains("behind the proxy 127.0.0.1:1 cannot be reached");
    Run odd = Run.of(folder, variables("http_proxy=ftp://127.0.0.1:1"), "refs", url());
    assertThat(odd.exit()).isEqualTo(1);
    assertThat(odd.err())
        .contains("the proxy 'ftp://127.0.0.1:1' is of a kind that is not supported");
  }
}
