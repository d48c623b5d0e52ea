package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.wiring.SiteConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows about a log's retention are {@link RetentionOptionsTest}'s. */
class OpsOptionsTest {
  @Test
  void aSiteAloneNeedsNothing() {
    OpsOptions options = options();
    assertThat(options.self()).isEmpty();
    assertThat(options.peers()).isEmpty();
    assertThat(options.isSweepPublic()).isFalse();
  }

  /** All sites may have one list, in which each finds itself. */
  @Test
  void namesHaveOneForm() {
    OpsOptions options =
        options(
            "SHEAF_SELF", "https://One.Example/",
            "SHEAF_PEERS",
                "https://one.example, https://Two.example/live/,https://two.example/live",
            "SHEAF_SWEEP_PUBLIC", "true");
    assertThat(options.self()).isEqualTo("https://one.example");
    assertThat(options.peers()).isEqualTo(List.of("https://two.example/live"));
    assertThat(options.isSweepPublic()).isTrue();
  }

  @Test
  void whoHasPeersHasAName() {
    assertThatThrownBy(() -> options("SHEAF_PEERS", "https://two.example"))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("SHEAF_SELF is not set");
  }

  @ParameterizedTest
  @CsvSource({
    "SHEAF_SELF, one.example",
    "SHEAF_SELF, ftp://one.example",
    "SHEAF_PEERS, two.example",
    "SHEAF_PEERS, https://two.example;https://three.example",
    "SHEAF_SWEEP_PUBLIC, yes",
    "SHEAF_SWEEP_PUBLIC, True",
    "SHEAF_OPS_RETENTION_DAYS, 30d",
    "SHEAF_OPS_RETENTION_SWEEP_INTERVAL, 0",
    "SHEAF_OPS_RETENTION_BATCH_LIMIT, 0",
    "SHEAF_OPS_RETENTION_CURSOR_MARGIN, -1h",
    "SHEAF_DORMANT_OPS_THRESHOLD, 90",
    "SHEAF_KEEP_DORMANT_OPS, 1"
  })
  void aBadValueIsRefusedByItsName(String name, String value) {
    assertThatThrownBy(() -> options("SHEAF_SELF", "https://one.example", name, value))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(value.split(";", -1)[0]);
  }

  private static OpsOptions options(String... variables) {
    Map<String, String> environment = new HashMap<>();
    environment.put("SHEAF_BUCKET", "bucket");
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return OpsOptions.of(SiteConfig.from(environment), environment);
  }
}
