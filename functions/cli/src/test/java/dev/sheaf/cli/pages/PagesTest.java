package dev.sheaf.cli.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the distribution has beside the program. */
class PagesTest {
  @TempDir Path folder;

  @BeforeEach
  void write() {
    Run run = Run.of(folder, Map.of(), "pages", "share");
    assertThat(run.exit()).as(run.err()).isZero();
  }

  private String file(String name) throws IOException {
    return Files.readString(folder.resolve("share").resolve(name));
  }

  @Test
  void everyCommandThatIsShownHasAPage() throws IOException {
    try (Stream<Path> pages = Files.list(folder.resolve("share/man/man1"))) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .contains("sheaf.1", "sheaf-push.1", "sheaf-token-new.1", "sheaf-journal-ls.1")
          .doesNotContain("sheaf-rehearse.1", "sheaf-remote-helper.1", "sheaf-help.1");
    }
    assertThat(file("man/man1/sheaf-push.1"))
        .startsWith(".TH \"SHEAF-PUSH\" 1 ")
        .contains("\n\\fB\\-\\-prune\\fR\\fR\n", ".SH EXIT STATUS\n", "SHEAF_TOKEN")
        .doesNotContain("${");
  }

  /** Not with what is written for it alone, but with a shell. */
  @Test
  void bashCompletesCommandsAndOptions() {
    assertThat(completed("sheaf", "cl")).isEqualTo("clone");
    assertThat(completed("sheaf", "push", "--pru")).isEqualTo("--prune");
    assertThat(completed("sheaf", "token", "n")).isEqualTo("new");
  }

  private String completed(String... words) {
    String script =
        """
        compopt() { :; }
        . share/bash-completion/completions/sheaf
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _complete_sheaf
        printf '%s\\n' "${COMPREPLY[@]}"
        """;
    List<String> command =
        Stream.concat(Stream.of("bash", "-c", script, "bash"), Stream.of(words)).toList();
    Command run = Command.of(folder, Map.of(), command);
    assertThat(run.exit()).as(run.output()).isZero();
    return run.output().strip();
  }

  @Test
  void fishIsToldOfEachCommandWhereItMayStand() throws IOException {
    assertThat(file("fish/vendor_completions.d/sheaf.fish"))
        .contains(
            " -f -a clone -d ",
            "-n '__fish_seen_subcommand_from push' -l prune -d ",
            "-n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from new' -l scope")
        .doesNotContain("rehearse");
    assertThat(file("zsh/site-functions/_sheaf")).startsWith("#compdef sheaf\n");
  }
}
