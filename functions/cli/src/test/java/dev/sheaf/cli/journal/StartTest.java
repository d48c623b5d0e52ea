package dev.sheaf.cli.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.rehearsal.RehearsalStore;
import dev.sheaf.cli.wiring.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a journal command loads in a process of its own. */
class StartTest {
  @TempDir private Path folder;

  /** It took three times as long to load them as to do what the command is for. */
  @Test
  void noCommandNeedsTheSdkOfAwsOrItsHttpClient() throws Exception {
    try (RehearsalStore store = RehearsalStore.start()) {
      String add = "{\"op\":\"IntAdd\",\"Key\":\"n\",\"Delta\":1}";
      for (String[] words :
          new String[][] {
            {"apply", "git", add},
            {"apply", "git", add},
            {"flush", "git"},
            {"show", "git"},
            {"ls"},
            {"compact", "--threshold", "1"}
          }) {
        assertThat(loaded(store, words))
            .as(words[0])
            .contains("dev.sheaf.journal.Namespace")
            .doesNotContain(
                "software.amazon.awssdk.core.internal",
                "software.amazon.awssdk.services.s3.endpoints",
                "org.apache.hc.");
      }
    }
  }

  private String loaded(RehearsalStore store, String... words) throws Exception {
    Path log = folder.resolve("loaded");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Xlog:class+load:file=" + log, "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("journal", words[0], "--bucket", RehearsalStore.BUCKET));
    command.addAll(List.of("--endpoint", store.url()));
    command.addAll(List.of(words).subList(1, words.length));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("AWS_ACCESS_KEY_ID", "key");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "secret");
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return Files.readString(log);
  }
}
