package dev.sheaf.cli.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.util.HashMap;
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

      assertThat(terminal.run(with(where, "apply", "git", "{\"op\":\"Nope\"}"))).isEqualTo(1);
      assertThat(terminal.err()).contains("Nope");
    }
  }

  private static String[] with(String[] where, String command, String... rest) {
    String[] line = new String[1 + where.length + rest.length];
    line[0] = command;
    System.arraycopy(where, 0, line, 1, where.length);
    System.arraycopy(rest, 0, line, 1 + where.length, rest.length);
    return line;
  }
}
