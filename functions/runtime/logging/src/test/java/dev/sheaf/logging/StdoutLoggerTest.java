package dev.sheaf.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class StdoutLoggerTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final Logger log =
      new StdoutLogger(
          "dev.sheaf.Some", new PrintStream(written, true, StandardCharsets.UTF_8), null);

  @Test
  void anInformationIsItsMessageAlone() {
    log.info("{\"event\":\"{}\"}", "job");
    assertThat(lines()).isEqualTo("{\"event\":\"job\"}\n");
  }

  /** Metrics are counted out of these lines, each site's for itself. */
  @Test
  void aStructuredLineNamesItsSite() {
    PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
    Logger ofSite = new StdoutLogger("dev.sheaf.Some", out, "main");
    ofSite.info("{\"event\":\"job\"}");
    ofSite.info("{}");
    ofSite.info("plain");
    assertThat(lines()).isEqualTo("{\"site\":\"main\",\"event\":\"job\"}\n{}\nplain\n");
  }

  @Test
  void aWarningSaysWhereItComesFrom() {
    log.warn("not {}", "well");
    assertThat(lines()).isEqualTo("WARN dev.sheaf.Some: not well\n");
  }

  @Test
  void aFailureWithItsTraceIsOneLine() {
    log.error("failed on {}", "key", new IllegalStateException("reason"));
    assertThat(lines())
        .startsWith(
            "ERROR dev.sheaf.Some: failed on key\rjava.lang.IllegalStateException: reason\r")
        .contains("StdoutLoggerTest")
        .endsWith(")\n");
    assertThat(lines().indexOf('\n')).isEqualTo(lines().length() - 1);
  }

  @Test
  void aStructuredLineIsWrittenAsItIsAtAnyLevel() {
    log.warn("{\"event\":\"job\",\"status\":\"failed\"}");
    assertThat(lines()).isEqualTo("{\"event\":\"job\",\"status\":\"failed\"}\n");
  }

  @Test
  void theTraceOfAStructuredLineIsALineOfItsOwn() {
    log.warn("{\"status\":\"failed\"}", new IllegalStateException("reason"));
    assertThat(lines().lines().filter(line -> !line.startsWith("\tat")).findFirst())
        .contains("{\"status\":\"failed\"}");
    assertThat(lines())
        .contains("\nWARN dev.sheaf.Some:\rjava.lang.IllegalStateException: reason\r");
  }

  @Test
  void detailIsNotWritten() {
    log.debug("detail");
    log.trace("detail");
    assertThat(lines()).isEmpty();
  }

  @Test
  void slf4jFindsIt() {
    assertThat(LoggerFactory.getLogger("any")).isInstanceOf(StdoutLogger.class);
  }

  private String lines() {
    return written.toString(StandardCharsets.UTF_8);
  }
}
