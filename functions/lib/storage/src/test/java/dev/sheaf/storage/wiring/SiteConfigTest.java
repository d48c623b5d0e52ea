package dev.sheaf.storage.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteConfigTest {
  @Test
  void hasDefaultsForAllButTheBucket() {
    SiteConfig config = SiteConfig.from(Map.of("SHEAF_BUCKET", "b"));
    assertThat(config.bucket()).isEqualTo("b");
    assertThat(config.catalogDatabase()).isEqualTo("sheaf");
    assertThat(config.contentCacheMaxBytes()).isEqualTo(4 << 20);
    assertThat(config.putSlots()).isEqualTo(100);
    assertThat(config.replication()).isEqualTo(3);
    assertThat(config.peers()).isEmpty();
    assertThat(config.queueUrl()).isEmpty();
    assertThatThrownBy(() -> SiteConfig.from(Map.of("SHEAF_BUCKET", "  ")))
        .hasMessageContaining("SHEAF_BUCKET is not set");
  }

  @Test
  void readsEveryVariable() {
    SiteConfig config =
        SiteConfig.from(
            Map.of(
                "SHEAF_BUCKET", "b",
                "SHEAF_CATALOG_ARN", "arn:c",
                "SHEAF_CATALOG_SECRET_ARN", "arn:s",
                "SHEAF_CATALOG_DATABASE", "d",
                "SHEAF_QUEUE_URL", "http://q/1",
                "SHEAF_TOKENS", "file:/t",
                "SHEAF_SELF", "https://self.example",
                "SHEAF_PEERS", "https://a.example, https://b.example/x",
                "SHEAF_CONTENT_CACHE_MAX_BYTES", "0",
                "SHEAF_PUT_SLOTS", "7"));
    assertThat(config.catalogArn()).contains("arn:c");
    assertThat(config.catalogSecretArn()).contains("arn:s");
    assertThat(config.catalogDatabase()).isEqualTo("d");
    assertThat(config.queueUrl()).contains("http://q/1");
    assertThat(config.tokens()).contains("file:/t");
    assertThat(config.self()).contains(URI.create("https://self.example"));
    assertThat(config.peers())
        .containsExactly(URI.create("https://a.example"), URI.create("https://b.example/x"));
    assertThat(config.contentCacheMaxBytes()).isZero();
    assertThat(config.putSlots()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "SHEAF_PUT_SLOTS, 0",
    "SHEAF_PUT_SLOTS, many",
    "SHEAF_CONTENT_CACHE_MAX_BYTES, -1",
    "SHEAF_REPLICATION, 0",
    "SHEAF_SELF, ftp://x",
    "SHEAF_SELF, not a url",
    "SHEAF_PEERS, mailto:x@y",
    "SHEAF_PEERS, //no-scheme",
  })
  void namesTheVariableAtFault(String name, String value) {
    Map<String, String> variables = new HashMap<>(Map.of("SHEAF_BUCKET", "b"));
    variables.put(name, value);
    assertThatThrownBy(() -> SiteConfig.from(variables))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContainingAll(name, value);
  }
}
