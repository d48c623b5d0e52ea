package dev.sheaf.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HelperOptionsTest {
  private final HelperOptions options = new HelperOptions();

  /** With push.gpgSign=if-asked git pushes nothing through a helper that does not know the word. */
  @ParameterizedTest
  @CsvSource({"if-asked, ok", "false, ok", "true, unsupported"})
  void aPushIsNotSignedAndNobodyAsksForIt(String wish, String answer) {
    assertThat(options.take("pushcert", wish)).isEqualTo(answer);
  }
}
