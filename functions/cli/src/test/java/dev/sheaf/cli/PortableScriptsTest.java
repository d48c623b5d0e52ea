package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users start, and what makes their archive, runs where no GNU programs are: on macOS. */
class PortableScriptsTest {
  /** Options and programs that GNU has alone, or that mean something else elsewhere. */
  private static final Pattern GNU_ONLY =
      Pattern.compile(
          "\\b(readlink +-[a-z]*[fem]|sed +-[a-z]*[ir]|date +(-d|--date)|grep +-[a-z]*P|stat +-c"
              + "|xargs +-[a-z]*[rd]|sort +-[a-z]*V|base64 +-w|realpath|mktemp +--|cp +--|ls +--"
              + "|touch +--|tar +--|tac|timeout|nproc|md5sum|sha\\d+sum|install +-[a-z]*[Dt]"
              + "|find +[^|;]*-printf|head +-n +-|date +.*%N)\\b|--sort=");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"sheaf", "git-remote-sheaf", "checkout", "java25", "distribution/make"})
  void noOptionOfGnuAlone(String script) throws IOException {
    List<String> lines = Files.readAllLines(Path.of(script));
    assertThat(lines)
        .filteredOn(line -> !line.strip().startsWith("#"))
        // One that fails elsewhere, and does so unseen, with another way behind it.
        .filteredOn(line -> !line.contains("2>/dev/null ||"))
        .filteredOn(line -> GNU_ONLY.matcher(line).find())
        .isEmpty();
    Command parsed = Command.of(Path.of("."), Map.of(), List.of("/bin/sh", "-n", script));
    assertThat(parsed.exit()).as(parsed.output()).isZero();
  }

  private Command make(String jdk, String platform) {
    Path make = Path.of("distribution/make").toAbsolutePath();
    return Command.of(
        folder,
        Map.of("JAVA_HOME", System.getProperty("java.home")),
        List.of(make.toString(), "1", "2026-01-01T00:00:00Z", folder.toString(), jdk, platform));
  }

  @Test
  void anotherPlatformNeedsItsJdk() {
    Command other = make("", "plan9-vax");
    assertThat(other.exit()).isNotZero();
    assertThat(other.output())
        .contains("for plan9-vax run it there, or give -Dsheaf.dist.jdk=JDK_OF_THAT_PLATFORM");
  }

  @Test
  void aJdkWithoutItsModulesIsRefused() {
    Command without = make(folder.toString(), "");
    assertThat(without.exit()).isNotZero();
    assertThat(without.output()).contains(folder + " has no folder jmods");
  }
}
