package dev.sheaf.localstack.workbench.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RepairComparisonTest {
  private static List<String> lines(Map<Integer, Double> seconds, boolean isFarAway) {
    Map<String, Number> listing = Map.of("index_lists", 338, "lanes", 1);
    return new RepairComparison(335_119, 48, seconds, isFarAway, listing, Map.of()).lines();
  }

  @Test
  void lanesShareTheTimeOfAStoreThatIsFarAway() {
    assertThat(lines(Map.of(1, 20.27, 4, 5.22, 16, 1.88), true))
        .contains(
            "met      half the time or less with four times the lanes: 20.27 s by 1, 5.22 s by 4,"
                + " 1.88 s by 16",
            "met      listed as fast as the Go original or faster: 1.88 s, at most 4.50 s");
    assertThat(lines(Map.of(1, 20.0, 4, 19.0, 16, 18.0), true))
        .anyMatch(line -> line.startsWith("MISSED   half the time"));
    assertThat(lines(Map.of(1, 2.84, 4, 1.52, 16, 1.05), false))
        .noneMatch(line -> line.contains("half the time"));
  }
}
