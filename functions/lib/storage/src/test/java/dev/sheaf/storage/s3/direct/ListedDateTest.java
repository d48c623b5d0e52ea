package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListedDateTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-07-04T10:00:00.000Z",
        "1999-12-31T23:59:59.999Z",
        "2024-02-29T01:02:03.040Z",
        "2026-07-04T10:00:00Z",
        "2026-07-04T10:00:00.123456789Z",
        "2026-07-04T10:00:00.1Z",
      })
  void readsAsTheJdkDoes(String text) {
    assertThat(ListedDate.parse(text)).isEqualTo(Instant.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-02-30T10:00:00.000Z",
        "2026-13-01T10:00:00.000Z",
        "2026-07-04T24:00:00.000Z",
        "2026-07-04 10:00:00.000Z",
        "2026-07-04T10:00:00.000z+",
        "2026-07-04T+1:00:00.000Z",
        "2026-07-04T10:00:00.-01Z",
      })
  void refusesWhatIsNoDate(String text) {
    assertThatThrownBy(() -> ListedDate.parse(text)).isInstanceOf(DateTimeException.class);
  }
}
