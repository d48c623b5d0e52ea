package dev.sheaf.journal.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharedStringsTest {
  private static String shared(String text) {
    byte[] quoted = ('"' + text + '"').getBytes(StandardCharsets.US_ASCII);
    return SharedStrings.ascii(quoted, 1, text.length());
  }

  /** More strings than there are slots, so that they push one another out. */
  @Test
  void everyStringIsItself() {
    Random random = new Random(41);
    for (int i = 0; i < 50_000; i++) {
      String text = Integer.toString(random.nextInt(5_000), 36).repeat(random.nextInt(8));
      assertThat(shared(text)).isEqualTo(text);
    }
  }

  @Test
  void shortOnesAreMadeOnce() {
    assertThat(shared("IntMapAdd")).isSameAs(shared("IntMapAdd"));
    assertThat(shared("9".repeat(64))).isEqualTo("9".repeat(64));
  }
}
