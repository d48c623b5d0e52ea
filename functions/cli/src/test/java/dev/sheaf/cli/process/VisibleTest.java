package dev.sheaf.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What text of others looks like on a terminal. */
class VisibleTest {
  /** Clears a screen, reports a title, rings, and turns the reading direction. */
  private static final String EVIL =
      "\u001b[2J\u001b]0;x\u0007\u009b31m\r\u202egnp.exe\u2066\u2069\u200f\u2028\ufeff\u007f\u0000";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1b       | \\u001b
          7        | \\u0007
          0        | \\u0000
          7f       | \\u007f
          85       | \\u0085
          9b       | \\u009b
          d        | \\r
          a        | \\n
          9        | \\t
          202a     | \\u202a
          202e     | \\u202e
          2066     | \\u2066
          2069     | \\u2069
          2028     | \\u2028
          200e     | \\u200e
          d800     | \\ud800
          dc00     | \\udc00
          e0041    | \\udb40\\udc41
          """)
  void controlCharactersAreSpelled(String point, String spelled) {
    String text = Character.toString(Integer.parseInt(point, 16));
    assertThat(Visible.line("a" + text + "b")).isEqualTo("a" + spelled + "b");
  }

  @Test
  void everythingElseStays() {
    String text = "Grüße, 世界! \\u001b שלום مرحبا 👩‍🚀 e\u0301 \u00a0";
    assertThat(Visible.line(text)).isSameAs(text);
    assertThat(Visible.block("a\tb\nc\r\n")).isEqualTo("a\tb\nc\\r\n");
  }

  @Test
  void jsonMeansTheSameBehind() throws IOException {
    Map<String, String> value = Map.of(EVIL, "\ud83d\ude00 \"\\\n" + EVIL);
    String json = Output.json(value);
    requireHarmless(json);
    assertThat(new ObjectMapper().readTree(json)).isEqualTo(new ObjectMapper().valueToTree(value));
  }

  @Test
  void bytesOfFilesPassAsTheyAre() {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    TextOutput out = TextOutput.results(to);
    byte[] bytes = EVIL.getBytes(UTF_8);
    out.write(bytes, 0, bytes.length);
    assertThat(to.toByteArray()).isEqualTo(bytes);
    out.writer().println(EVIL);
    requireHarmless(to.toString(UTF_8).substring(EVIL.length()));
  }

  @Test
  void noCommandLetsThemThrough() throws IOException {
    Map<String, Object> commit =
        Map.of(
            "commit_id", "sha256:1", "committed_at", EVIL, "author", EVIL, "subject", "x\n" + EVIL);
    Map<String, Object> job =
        Map.of("job_id", EVIL, "status", "failed", "attempt", 1, "error", "x\n" + EVIL);
    Map<String, Object> entry = Map.of("type", "file", "path", "x\n" + EVIL);
    try (LyingSite site =
        new LyingSite()
            .says("refs", Map.of("branch_heads", Map.of("x\n" + EVIL, EVIL)))
            .says("commits", Map.of("commits", List.of(commit)))
            .says("jobs", Map.of("jobs", List.of(job)))
            .says("main", Map.of("entries", List.of(entry)))) {
      assertThat(lines("refs", site.url())).hasSize(1);
      assertThat(lines("log", site.url())).hasSize(2);
      assertThat(lines("jobs", site.url())).hasSize(2);
      assertThat(lines("cat", site.url(), "main:")).hasSize(1);
      lines("log", site.url(), "--json");
      lines("refs", site.url(), "--json");
      lines("clone", site.url(), "copy");
      lines("no\u001b-such-command");
    }
  }

  @Test
  void whatAServerSaysOfAnErrorIsOneLine() throws IOException {
    try (LyingSite site =
        new LyingSite().says("refs", Map.of("detail", "no\nsheaf: done\u001b[1A")).answers(403)) {
      Run run = Run.of(folder, Map.of(), "refs", site.url());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err().lines()).hasSize(1);
      requireHarmless(run.err());
    }
  }

  private List<String> lines(String... command) {
    Run run = Run.of(folder, Map.of(), command);
    requireHarmless(run.out());
    requireHarmless(run.err());
    return run.out().lines().toList();
  }

  private static void requireHarmless(String text) {
    assertThat(text.replaceAll("[\\n\\t]", ""))
        .doesNotContainPattern(
            "[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069\\u200e\\u200f\\u2028\\ufeff]");
  }
}
