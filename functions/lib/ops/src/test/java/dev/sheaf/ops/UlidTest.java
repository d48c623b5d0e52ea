package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UlidTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "01KNDZV6J0",
        "01kndzv6j00000000000000001",
        "01KNDZV6J0IIIIIIIIIIIIIIII",
        "81KNDZV6J00000000000000001",
        "01KNDZV6J000000000000000010",
        "01KNDZV6J0000000000000000 "
      })
  void lowerCaseUlidRejected(String text) {
    assertThat(Ulid.parse(text)).isEmpty();
  }

  @Test
  void neighboursAreOneApart() {
    Ulid ulid = new Ulid("01KNDZV6J0000000000000000Z");
    assertThat(ulid.next().text()).isEqualTo("01KNDZV6J00000000000000010");
    assertThat(ulid.next().previous()).isEqualTo(ulid);
    assertThat(new Ulid("01KNDZV6K00000000000000000").previous().text())
        .isEqualTo("01KNDZV6JZZZZZZZZZZZZZZZZZ");
    Ulid greatest = new Ulid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    assertThat(greatest.next()).isEqualTo(greatest);
    Ulid least = new Ulid("0".repeat(26));
    assertThat(least.previous()).isEqualTo(least);
  }

  @Test
  void timeIsKeptToTheMillisecond() {
    Instant time = Instant.parse("2026-04-05T04:40:00.123Z");
    assertThat(Ulid.least(time).time()).isEqualTo(time);
    assertThat(new Ulid("01KNDZV6J00000000000000001").time())
        .isBetween(Instant.parse("2026-04-01T00:00:00Z"), Instant.parse("2026-05-01T00:00:00Z"));
  }

  @Test
  void isValidGapUlid() {
    assertThat(credible(Duration.ofDays(-30))).isTrue();
    assertThat(credible(Duration.ofSeconds(-1))).isTrue();
    assertThat(credible(Duration.ofMinutes(15))).isTrue();
    assertThat(credible(Duration.ofHours(2))).isFalse();
    assertThat(credible(Duration.ofDays(365))).isFalse();
    assertThat(Ulid.least(Instant.parse("2019-01-01T00:00:00Z")).isCredible(NOW)).isFalse();
  }

  private static boolean credible(Duration fromNow) {
    return Ulid.least(NOW.plus(fromNow)).isCredible(NOW);
  }
}
