package dev.sheaf.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class SeedsTest {
  private static final Set<Long> RAN = new HashSet<>();

  @RandomisedTest(seeds = 3)
  void runsOnceASeed(long seed) {
    assertThat(RAN.add(seed)).isTrue();
  }

  @AfterAll
  static void allRan() {
    if (System.getProperty("sheaf.seeds") == null) {
      assertThat(RAN).containsExactlyInAnyOrder(0L, 1L, 2L);
    }
  }

  @Test
  void thePropertyNamesSeedsOrDrawsThem() {
    assertThat(Seeds.seeds("", 4)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(Seeds.seeds("7, 12", 4)).containsExactly(7L, 12L);
    assertThat(Seeds.seeds("random:50", 4).boxed().distinct().count()).isGreaterThan(40);
  }
}
