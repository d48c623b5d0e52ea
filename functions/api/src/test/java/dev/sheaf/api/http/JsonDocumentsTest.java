package dev.sheaf.api.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonDocumentsTest {
  @Test
  void valuesComeBackAsTheyWere() throws IOException {
    Map<String, Object> document =
        Map.of(
            "text",
            "a\"b\\\u0001é😀",
            "long",
            Long.MIN_VALUE,
            "double",
            1.5,
            "flag",
            true,
            "list",
            Arrays.asList(1L, null, List.of(), Map.of("k", "v")));
    assertThat(JsonDocuments.read(JsonDocuments.write(document))).isEqualTo(document);
  }

  @Test
  void bytesAreBase64() {
    assertThat(new String(JsonDocuments.write(Map.of("b", new byte[] {0, -1})), UTF_8))
        .isEqualTo("{\"b\":\"AP8=\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "[1", "1 2", "{\"a\":1,\"a\":2}", "99999999999999999999"})
  void notOneDocument(String json) {
    assertThatThrownBy(() -> JsonDocuments.read(json.getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void nestingIsBounded() {
    String deep = "[".repeat(100_000);
    assertThatThrownBy(() -> JsonDocuments.read(deep.getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }
}
