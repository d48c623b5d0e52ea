package dev.sheaf.localstack.workbench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.TextOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program itself; what its commands do is seen by running them. */
class WorkbenchTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private int run(String... words) {
    TextOutput out = TextOutput.results(said);
    return Workbench.run(
        new Environment(
            Map.of(),
            folder,
            out,
            out,
            false,
            InstantSource.system(),
            System::nanoTime,
            millis -> {},
            new Random(1)),
        words);
  }

  @Test
  void everyCommandCanBeMade() {
    assertThat(run("--help")).isZero();
    assertThat(run("bench", "--help")).isZero();
    assertThat(said.toString(UTF_8)).contains("demo", "bench", "invoke", "journal", "ops");
  }

  @Test
  void failuresAreOneSentence() {
    assertThat(run("invoke", "nonsense", "nowhere.json")).isEqualTo(1);
    assertThat(said.toString(UTF_8)).startsWith("sheaf: there is no file");
    assertThat(run("nonsense")).isEqualTo(2);
  }

  @Test
  void theDemoKeepsWhatWasKeptBefore() throws IOException {
    Path kept = Files.createDirectory(folder.resolve("kept"));
    Files.writeString(kept.resolve("report.json"), "mine");
    assertThat(run("demo", "--keep", "kept", "repository")).isEqualTo(1);
    assertThat(said.toString(UTF_8)).contains("report.json is there already");
    assertThat(kept.resolve("report.json")).hasContent("mine");
    assertThat(kept.resolve("clone")).doesNotExist();
  }
}
