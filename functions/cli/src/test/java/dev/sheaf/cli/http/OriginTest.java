package dev.sheaf.cli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
  @Test
  void isSchemeHostAndPort() {
    Origin origin = Origin.parse("https://Example.org/stage/me/project");
    assertThat(origin).isEqualTo(Origin.parse("https://example.org:443"));
    assertThat(origin).isNotEqualTo(Origin.parse("http://example.org:443"));
    assertThat(origin).isNotEqualTo(Origin.parse("https://example.org:8443"));
    assertThat(origin).isNotEqualTo(Origin.parse("https://example.org.evil.org"));
    assertThat(origin).isNotEqualTo(Origin.parse("https://a.example.org"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://example.org",
        "http://localhost:1",
        "http://LOCALHOST",
        "http://127.0.0.1:8420",
        "http://127.9.9.9",
        "http://[::1]:8420"
      })
  void nobodyReadsAlong(String url) {
    assertThat(Origin.parse(url).isPrivate()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.org",
        "http://localhost.evil.org",
        "http://evil.localhost",
        "http://127.0.0.1.evil.org",
        "http://10.0.0.1",
        "http://[::2]",
        "http://0.0.0.0"
      })
  void othersMayReadAlong(String url) {
    assertThat(Origin.parse(url).isPrivate()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "example.org", "file:///x", "http:///x", "http://a b"})
  void otherTextsAreRefused(String url) {
    assertThatThrownBy(() -> Origin.parse(url))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("SHEAF_URL");
  }
}
