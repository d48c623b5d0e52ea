package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code sheaf}, in a folder of any name; a stand-in for Java says what it was given.
 */
class LauncherTest {
  @TempDir Path folder;
  private Path launcher = Path.of("");
  private Path target = Path.of("");

  @BeforeEach
  void install() throws IOException {
    Path home = Files.createDirectories(folder.resolve("it's a \"place\"/functions/cli"));
    launcher = Files.copy(Path.of("sheaf"), home.resolve("sheaf"));
    Files.copy(Path.of("java25"), home.resolve("java25"));
    Files.copy(Path.of("checkout"), home.resolve("checkout"));
    target = Files.createDirectory(home.resolve("target"));
    for (String file : List.of("sheaf-cli.jar", "sheaf-cli-jgit.jar", "classpath")) {
      Files.writeString(target.resolve(file), "/a.jar");
    }
    Files.writeString(target.resolve("sheaf.aot"), "");
    Path java = Files.createDirectories(folder.resolve("a jdk/bin")).resolve("java");
    Files.writeString(
        java, "#!/bin/sh\nfor word; do echo \"<$word>\"; done\necho \"<LC_ALL=$LC_ALL>\"\n");
    Files.writeString(folder.resolve("a jdk/release"), "JAVA_VERSION=\"25.0.3\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void anyFolderWillDo() {
    for (String command : List.of("push", "clone", "journal", "log")) {
      Command run = sheaf(launcher + " " + command + " 'a b' --x='c d' ''");
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output())
          .contains("\n<dev.sheaf.cli.wiring.Main>\n<" + command + ">\n<a b>\n<--x=c d>\n<>\n")
          .contains("<-XX:AOTCache=" + target + "/sheaf.aot>");
      assertThat(run.output().lines()).allMatch(line -> line.matches("<(-.*|/.*|[^ ]*|a b)>"));
    }
  }

  @Test
  void needsNoHome() {
    assertThat(sheaf("env -u HOME " + launcher + " log").exit()).isZero();
  }

  @Test
  void temporaryFilesGoWhereTheUserWantsThem() {
    Command run = sheaf("TMPDIR='/a b' " + launcher + " log");
    assertThat(run.output()).contains("<-Djava.io.tmpdir=/a b>");
  }

  /** A locale that is not installed means ASCII to the JVM, whatever its name says. */
  @Test
  void namesOfFilesAreUtf8WhateverTheUserHasSet() {
    for (String set : List.of("LANG=en_US.UTF-8", "LC_ALL=xx_XX.utf8", "LC_CTYPE=C", "LC_ALL=")) {
      assertThat(sheaf("env -u LC_ALL " + set + " " + launcher + " log").output())
          .contains("<LC_ALL=C.UTF-8>");
    }
  }

  @Test
  void theHeapOfWhatStreamsIsBoundedUnlessTheUserSaysOtherwise() {
    for (String command : List.of("push", "clone", "fetch", "pull", "remote-helper")) {
      assertThat(sheaf("SHEAF_JAVA_OPTS=-Xmx4g " + launcher + " " + command).output())
          .containsSubsequence("<-Xmx256m>", "<-Xmx4g>", "<dev.sheaf.cli.wiring.Main>");
    }
  }

  @Test
  void aWorkingDirectoryThatIsGoneIsSaid() {
    Command run = sheaf("mkdir gone && cd gone && rmdir ../gone && " + launcher + " push");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.output())
        .endsWith("sheaf: the working directory is gone: change to another one\n");
  }

  @Test
  void aClosedStreamIsNoOtherFile() {
    Command closed = sheaf(launcher + " log >&-");
    assertThat(closed.exit()).isEqualTo(1);
    assertThat(closed.output()).isEqualTo("sheaf: the output could not be written: it is closed\n");
    assertThat(sheaf(launcher + " log <&- 2>&-").exit()).isZero();
  }

  /** Runs a line, in which the launcher's path is quoted for the shell. */
  private Command sheaf(String line) {
    String quoted = line.replace(launcher.toString(), "\"$LAUNCHER\"");
    Map<String, String> variables =
        Map.of("LAUNCHER", launcher.toString(), "JAVA_HOME", folder.resolve("a jdk").toString());
    return Command.of(folder, variables, List.of("/bin/sh", "-c", quoted));
  }
}
