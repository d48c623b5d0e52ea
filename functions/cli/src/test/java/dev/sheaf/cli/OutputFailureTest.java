package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.RandomRepository;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results that cannot be written. */
class OutputFailureTest {
  @TempDir Path folder;

  @Test
  void isAFailureOfEveryCommand() throws IOException {
    Path repository = folder.resolve("repository");
    try (RandomRepository made = RandomRepository.create(repository, 3)) {
      made.grow(3);
    }
    assertThat(Run.of(folder, Map.of(), "bundle", "create", "b", "repository").exit()).isZero();
    Map<String, ?> commit =
        Map.of("commit_id", "sha256:1", "committed_at", "now", "author", "a", "subject", "s");
    Map<String, ?> job = Map.of("job_id", "1", "status", "done", "attempt", 1);
    try (LyingSite site =
        new LyingSite()
            .says("refs", Map.of("branch_heads", Map.of("main", "sha256:1")))
            .says("commits", Map.of("commits", List.of(commit)))
            .says("jobs", Map.of("jobs", List.of(job)))
            .says("main", Map.of("entries", List.of(Map.of("type", "file", "path", "x"))))) {
      for (String command :
          List.of(
              "refs URL",
              "refs URL --json",
              "log URL",
              "log URL --json",
              "jobs URL",
              "jobs URL --json",
              "cat URL main:",
              "bundle inspect b",
              "bundle inspect b --json",
              "bundle verify b",
              "bundle create again repository",
              "token new --scope read --repo me/*",
              "--help",
              "help push",
              "push --help",
              "--version")) {
        assertFails(command.replace("URL", site.url()).split(" ", -1));
      }
    }
  }

  private void assertFails(String... command) {
    Run run = Run.into(new Full(), folder, Map.of(), command);
    assertThat(run.exit()).as(String.join(" ", command)).isEqualTo(1);
    assertThat(run.err())
        .as(String.join(" ", command))
        .contains("sheaf: the output could not be written: No space left on device\n")
        .doesNotContain("\tat ");
    assertThat(run.err().lines().filter(line -> line.startsWith("sheaf: "))).hasSize(1);
  }

  private static final class Full extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("No space left on device");
    }
  }

  @Test
  void aFullDeviceAndAClosedPipeAreSaidByTheProcess() throws IOException {
    Map<String, ?> commit =
        Map.of("commit_id", "sha256:1", "committed_at", "now", "author", "a", "subject", "s");
    List<Map<String, ?>> commits = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      commits.add(commit);
    }
    try (LyingSite site = new LyingSite().says("commits", Map.of("commits", commits))) {
      String log = sheaf() + " log -n 5000 " + site.url();
      Command full = shell(log + " >/dev/full; echo ended with $?");
      assertThat(full.output()).contains("sheaf: the output could not be written", "ended with 1");
      Command closed = shell("{ " + log + "; echo ended with $? >&2; } | head -n 1");
      assertThat(closed.output())
          .contains("sheaf: the output could not be written", "ended with 1")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aBundleThatDoesNotFitIsAFailureAndNothingIsReplaced() throws IOException {
    Path repository = folder.resolve("repository");
    try (RandomRepository made = RandomRepository.create(repository, 3)) {
      made.grow(3);
    }
    Run full = Run.of(folder, Map.of(), "bundle", "create", "/dev/full", "repository");
    assertThat(full.exit()).isEqualTo(1);
    assertThat(full.err()).contains("sheaf: ", "No space left on device");
    assertThat(Files.isRegularFile(Path.of("/dev/full"))).isFalse();
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Run folderNamed = Run.of(folder, Map.of(), "bundle", "create", "empty", "repository");
    assertThat(folderNamed.exit()).isEqualTo(1);
    assertThat(folderNamed.err()).contains("empty is a folder");
    assertThat(empty).isEmptyDirectory();
    Run nowhere = Run.of(folder, Map.of(), "bundle", "create", "no/such/b", "repository");
    assertThat(nowhere.exit()).isEqualTo(1);
    assertThat(nowhere.err()).contains("there is no folder");
    assertThat(Run.of(folder, Map.of(), "bundle", "create", "--", "-b", "repository").exit())
        .isZero();
    assertThat(folder.resolve("-b")).isNotEmptyFile();
  }

  @Test
  void aBundleGoesToTheStandardOutput() throws IOException {
    try (RandomRepository made = RandomRepository.create(folder.resolve("repository"), 3)) {
      made.grow(3);
    }
    String create = sheaf() + " bundle create ";
    Command written = shell(create + "b repository && " + create + "- repository >c && cmp b c");
    assertThat(written.exit()).as(written.output()).isZero();
    assertThat(written.output()).containsPattern("(?s)sha256:\\w+ .*sha256:\\w+ ");
    assertThat(folder.resolve("-")).doesNotExist();
  }

  @Test
  void whereAPushHasNoRoomIsSaid() throws IOException {
    try (RandomRepository made = RandomRepository.create(folder.resolve("repository"), 3)) {
      made.grow(3);
    }
    try (LyingSite site = new LyingSite().says("refs", Map.of("refs", List.of()))) {
      String none = "JDK_JAVA_OPTIONS=-Djava.io.tmpdir=" + folder.resolve("none") + " ";
      Command push = shell(none + sheaf() + " push repository " + site.url());
      assertThat(push.exit()).isEqualTo(1);
      assertThat(push.output())
          .contains("sheaf: what is to be sent could not be written into " + folder + "/none")
          .contains("set TMPDIR to a folder that has some");
    }
  }

  private Command shell(String line) {
    return Command.of(folder, Map.of(), List.of("/bin/sh", "-c", line));
  }

  private static String sheaf() {
    return Command.sheaf().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
  }
}
