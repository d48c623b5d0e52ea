package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  @Test
  void readsEveryMonth() {
    Instant time = Instant.parse("2024-01-29T00:00:00Z");
    for (int i = 0; i < 40; i++) {
      assertThat(HttpDate.parse(FORMAT.format(time))).isEqualTo(time);
      time = time.plusSeconds(31 * 86_400 + 3_661);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 anF 1994 08:49:37 GMT",
        "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:4x:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
      })
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> HttpDate.parse(text)).isInstanceOf(DateTimeException.class);
  }
}
