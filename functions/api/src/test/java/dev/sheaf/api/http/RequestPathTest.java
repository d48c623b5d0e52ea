package dev.sheaf.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
  @Test
  void segmentsAreDecodedOnce() {
    assertThat(RequestPath.segments("/o/r/tree/sha256%3Aab%2Fc+d%2525"))
        .containsExactly("o", "r", "tree", "sha256:ab/c+d%25");
  }

  @Test
  void rootAndTrailingSlash() {
    assertThat(RequestPath.segments("/")).isEmpty();
    assertThat(RequestPath.segments("")).isEmpty();
    assertThat(RequestPath.segments("/o/r/")).containsExactly("o", "r");
  }

  @Test
  void brokenEscapesAreLiteral() {
    assertThat(RequestPath.segments("/100%/x")).containsExactly("100%", "x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"//o/r", "/o//r", "/o/../r", "/o/%2E%2e/r", "/./r", "/o/r%00", "/a%0Ab"})
  void strangeSegmentsAreNowhere(String path) {
    assertThatThrownBy(() -> RequestPath.segments(path)).isInstanceOf(SheafException.class);
  }

  @Test
  void basePathOfACustomDomainIsDropped() {
    assertThat(RequestPath.withoutBasePath("/sheaf/o/r%2Fx/refs", "o/r/x/refs"))
        .isEqualTo("/o/r%2Fx/refs");
    assertThat(RequestPath.withoutBasePath("/o/r/refs", "o/r/refs")).isEqualTo("/o/r/refs");
    assertThat(RequestPath.withoutBasePath("/", null)).isEqualTo("/");
  }
}
