package dev.sheaf.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogLineTest {
  @Test
  void oneLineOfKeysAndValues() {
    assertThat(new LogLine().put("status", 200).put("route", "GET /{owner}"))
        .hasToString("[api] status=200 route=\"GET /{owner}\"");
  }

  @Test
  void valuesFromOutsideCannotForgeALine() {
    assertThat(new LogLine().put("path", "/a\n[api] status=200\" x=\"y").toString())
        .isEqualTo("[api] path=\"/a [api] status=200' x='y\"")
        .doesNotContain("\n");
  }

  @Test
  void longValuesAreCut() {
    assertThat(new LogLine().put("path", "x".repeat(10_000)).toString()).hasSizeLessThan(500);
  }
}
