package dev.sheaf.cli.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The commands that work on a bucket, against an S3 server in this process. */
class BucketCommandsTest {
  @Test
  void writesLooksAndCompacts() throws IOException {
    try (LocalServers servers = LocalServers.builder().s3().start()) {
      Map<String, String> variables = new HashMap<>(servers.environment());
      String endpoint = String.valueOf(variables.remove("AWS_ENDPOINT_URL_S3"));
      String bucket = servers.newBucket();
      Terminal terminal = new Terminal(variables);
      String[] where = {"--endpoint", endpoint, "--bucket", bucket};
      String add = "{\"op\":\"IntAdd\",\"Key\":\"n\",\"Delta\":2}";

      assertThat(terminal.run(with(where, "apply", "git", add, add))).isZero();
      assertThat(terminal.run(with(where, "show", "git", "--key", "n"))).isZero();
      assertThat(terminal.out()).isEqualTo("4\n");
      assertThat(terminal.run(with(where, "ls"))).isZero();
      assertThat(terminal.out()).contains("\"ns\":\"git\",\"segments\":1");
      assertThat(terminal.run(with(where, "flush", "git"))).isZero();
      assertThat(terminal.out()).contains("\"live_segments_above_mark\":1");
      assertThat(terminal.run(with(where, "compact", "--dry-run"))).isZero();
      assertThat(terminal.out()).contains("\"action\":\"NONE\"");
      assertThat(terminal.run(with(where, "compact", "git"))).isZero();
      assertThat(terminal.out()).contains("\"folded\":0", "\"error\":null");

      objects(variables, endpoint, bucket)
          .put(
              ".metadata/bad/rollup.json",
              Content.of(new byte[] {'x'}),
              null,
              ObjectStore.Condition.ALWAYS,
              "application/json");
      assertThat(terminal.run(with(where, "apply", "bad", add))).isZero();
      for (String[] command : List.of(new String[] {"ls"}, new String[] {"compact", "--dry-run"})) {
        String[] rest = Arrays.copyOfRange(command, 1, command.length);
        assertThat(terminal.run(with(where, command[0], rest))).isEqualTo(1);
        assertThat(terminal.out())
            .contains("{\"ns\":\"bad\",\"error\":\"rollup .metadata/bad/rollup.json", "\"git\"");
      }

      assertThat(terminal.run(with(where, "apply", "git", "{\"op\":\"Nope\"}"))).isEqualTo(1);
      assertThat(terminal.err()).contains("Nope");
    }
  }

  @Test
  void foldsWhatIsOldEnough() throws IOException, InterruptedException {
    try (LocalServers servers = LocalServers.builder().s3().start()) {
      Terminal terminal = new Terminal(servers.environment());
      String[] where = {"--bucket", servers.newBucket()};
      String append = "{\"op\":\"ListAppend\",\"Key\":\"l\",\"Value\":%d}";
      assertThat(terminal.run(with(where, "apply", "git", append.formatted(1)))).isZero();
      Thread.sleep(2_000); // by the server's stamps, which may be whole seconds
      assertThat(terminal.run(with(where, "apply", "git", append.formatted(2)))).isZero();
      String[] compact = {"git", "--threshold", "1", "--age-seconds", "1"};
      assertThat(terminal.run(with(where, "compact", compact))).isZero();
      assertThat(terminal.out()).contains("\"folded\":1,\"deleted\":1");
      assertThat(terminal.run(with(where, "show", "git", "--key", "l"))).isZero();
      assertThat(terminal.out()).isEqualTo("[1,2]\n");
    }
  }

  private static ObjectStore objects(
      Map<String, String> variables, String endpoint, String bucket) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("AWS_ENDPOINT_URL_S3", endpoint);
    environment.put("SHEAF_BUCKET", bucket);
    return Site.from(environment).objects();
  }

  private static String[] with(String[] where, String command, String... rest) {
    String[] line = new String[1 + where.length + rest.length];
    line[0] = command;
    System.arraycopy(where, 0, line, 1, where.length);
    System.arraycopy(rest, 0, line, 1 + where.length, rest.length);
    return line;
  }
}
