package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.json.Json;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The example of the README is code that compiles: this class holds it, word for word. */
class ReadmeTest {
  private static final Path SOURCE = Path.of("src/test/java/dev/sheaf/journal/ReadmeTest.java");

  /** Needs a bucket; so it is compiled here, not run. */
  static void example() {
    // begin
    ObjectStore bucket =
        Site.from(Map.of("SHEAF_BUCKET", "my-bucket", "AWS_REGION", "eu-central-1")).objects();
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

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  /** Without the remarks behind the lines, and without blanks. */
  private static String bare(String code) {
    return code.replaceAll("(?m) // .*$", "").replaceAll("\\s", "");
  }
}
