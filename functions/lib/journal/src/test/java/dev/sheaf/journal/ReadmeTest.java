package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.json.Json;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The example of the README is code that runs: this class holds it, word for word. */
class ReadmeTest {
  private static final Path SOURCE = Path.of("src/test/java/dev/sheaf/journal/ReadmeTest.java");

  private static void example(Map<String, String> environment) {
    // begin
    ObjectStore bucket = Site.from(environment).objects();
    try (Journal journal = Journal.open(bucket, "downloads")) {
      journal.flush();
      journal.apply(
          new Operation.IntMapAdd("count", Json.of("2026-07-04"), 1),
          new Operation.SetAdd("seen", Json.of("https://example.org/?a=1&b=2")),
          new Operation.ListAppend("log", Json.object().put("who", "me").put("size", 42).build()));
      long today = journal.mapInteger("count", Json.of("2026-07-04"));
      boolean seen = journal.contains("seen", Json.of("https://example.org/?a=1&b=2"));
      int entries = journal.listLength("log");
      System.out.println(today + " " + seen + " " + entries + " " + journal.state());
    }
    // end
  }

  @Test
  void theExampleIsThisCode() throws IOException {
    String code = between(Files.readString(SOURCE), "// begin\n", "// end\n");
    String shown = between(Files.readString(Path.of("README.md")), "```java\n", "```\n");
    assertThat(bare(shown)).isEqualTo(bare(code));
    assertThat(shown.lines().count()).isLessThanOrEqualTo(15);
  }

  @Test
  void theExampleDoesWhatItSays() throws IOException {
    try (LocalServers servers = LocalServers.builder().s3().start()) {
      Map<String, String> environment = new HashMap<>(servers.environment());
      environment.put("SHEAF_BUCKET", servers.newBucket());
      example(environment);
      example(environment);
      try (Journal journal = Journal.open(Site.from(environment).objects(), "downloads")) {
        journal.flush();
        assertThat(journal.state())
            .hasToString(
                "{\"count\":{\"\\\"2026-07-04\\\"\":2},"
                    + "\"log\":[{\"size\":42,\"who\":\"me\"},{\"size\":42,\"who\":\"me\"}],"
                    + "\"seen\":{\"\\\"https://example.org/?a=1\\\\u0026b=2\\\"\":true}}");
      }
    }
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  /** Without the remarks behind the lines, and without blanks. */
  private static String bare(String code) {
    return code.replaceAll("(?m) // .*$", "").replaceAll("\\s", "");
  }
}
