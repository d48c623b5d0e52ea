package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionOptionsTest {
  @Test
  void loadRetentionConfigDefaults() {
    assertThat(RetentionOptions.from(Map.of("SHEAF_OPS_RETENTION_DAYS", " ")))
        .isEqualTo(
            new RetentionOptions(
                false,
                Duration.ofDays(90),
                java.util.Optional.empty(),
                Duration.ofHours(1),
                10_000,
                Duration.ofHours(1)));
  }

  @Test
  void loadRetentionConfigOptOutDormant() {
    assertThat(RetentionOptions.from(Map.of("SHEAF_KEEP_DORMANT_OPS", "true")).keepsDormant())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({"90d, PT2160H", "36h, PT36H", "1d12h, PT36H", "1m, PT24H", "100000s, PT27H46M40S"})
  void daysAreUnderstoodAndLessThanADayIsADay(String text, Duration expected) {
    assertThat(RetentionOptions.from(Map.of("SHEAF_DORMANT_OPS_THRESHOLD", text)).dormantAfter())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "SHEAF_KEEP_DORMANT_OPS, yes",
    "SHEAF_DORMANT_OPS_THRESHOLD, 90",
    "SHEAF_DORMANT_OPS_THRESHOLD, soon",
    "SHEAF_OPS_RETENTION_DAYS, -1",
    "SHEAF_OPS_RETENTION_DAYS, 7d",
    "SHEAF_OPS_RETENTION_SWEEP_INTERVAL, 0",
    "SHEAF_OPS_RETENTION_SWEEP_INTERVAL, 0s",
    "SHEAF_OPS_RETENTION_BATCH_LIMIT, 0",
    "SHEAF_OPS_RETENTION_BATCH_LIMIT, 1000000",
    "SHEAF_OPS_RETENTION_CURSOR_MARGIN, 1w"
  })
  void aBadValueIsRefusedByName(String name, String value) {
    assertThatThrownBy(() -> RetentionOptions.from(Map.of(name, value)))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("'" + value + "'");
  }

  @Test
  void noMarginAndRetentionOff() {
    RetentionOptions options =
        RetentionOptions.from(
            Map.of("SHEAF_OPS_RETENTION_CURSOR_MARGIN", "0", "SHEAF_OPS_RETENTION_DAYS", "0"));
    assertThat(options.margin()).isZero();
    assertThat(options.retention()).isEmpty();
  }
}
