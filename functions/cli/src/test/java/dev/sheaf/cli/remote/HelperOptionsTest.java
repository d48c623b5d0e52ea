package dev.sheaf.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HelperOptionsTest {
  @Test
  void whatGitQuotesIsMeantAsItWas() {
    assertThat(CQuoted.plain("refs/heads/a:b")).isEqualTo("refs/heads/a:b");
    assertThat(CQuoted.plain("\"caf\\303\\251 \\\"\\\\\\t\\a\\033\""))
        .isEqualTo("caf\u00c3\u00a9 \"\\\t\u0007\u001b");
    for (String odd : List.of("\"\\9\"", "\"\\30\"")) {
      assertThatThrownBy(() -> CQuoted.plain(odd)).isInstanceOf(SheafException.class);
    }
  }

  private final HelperOptions options = new HelperOptions();

  /** With push.gpgSign=if-asked git pushes nothing through a helper that does not know the word. */
  @ParameterizedTest
  @CsvSource({"if-asked, ok", "false, ok", "true, unsupported"})
  void aPushIsNotSignedAndNobodyAsksForIt(String wish, String answer) {
    assertThat(options.take("pushcert", wish)).isEqualTo(answer);
  }
}
