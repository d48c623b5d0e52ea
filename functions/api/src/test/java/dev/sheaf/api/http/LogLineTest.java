package dev.sheaf.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogLineTest {
  @Test
  void oneObjectOfFields() {
    assertThat(new LogLine().put("status", 200).put("status", 201).put("route", "GET /{owner}"))
        .hasToString("{\"event\":\"request\",\"status\":201,\"route\":\"GET /{owner}\"}");
  }

  @Test
  void valuesFromOutsideCannotForgeALine() {
    assertThat(new LogLine().put("path", "/a\n{\"status\":200}\u2028").toString())
        .isEqualTo("{\"event\":\"request\",\"path\":\"/a\\n{\\\"status\\\":200}\u2028\"}")
        .doesNotContain("\n");
  }

  @Test
  void longTextsAreCut() {
    assertThat(new LogLine().put("path", "x".repeat(10_000)).toString()).hasSizeLessThan(500);
  }
}
