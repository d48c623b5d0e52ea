package dev.sheaf.localstack.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedOptionsTest {
  @Test
  void readsEveryOption() {
    assertThat(EmbeddedOptions.parse())
        .isEqualTo(new EmbeddedOptions(null, 8420, 0, 1, 3, false, false));
    assertThat(
            EmbeddedOptions.parse(
                "--data", "/d/../e", "--port", "0", "--s3-port", "9", "--sites", "3", "--json"))
        .isEqualTo(new EmbeddedOptions(Path.of("/e"), 0, 9, 3, 3, true, false));
  }

  @ParameterizedTest
  @CsvSource({
    "--port, --port needs a value",
    "--port x, '--port needs a number from 0 to 65535, not x'",
    "--port 65536, '--port needs a number from 0 to 65535, not 65536'",
    "--what, unknown argument '--what'",
  })
  void saysWhatIsWrong(String line, String message) {
    assertThatThrownBy(() -> EmbeddedOptions.parse(line.split(" ")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message.replace("\"", "'"));
  }
}
