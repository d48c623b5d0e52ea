package dev.sheaf.bundle.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PathMapTest {

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void isLikeAHashMap(long seed) {
    RandomGenerator random = Seeds.random(seed);
    Map<String, Integer> expected = new HashMap<>();
    PathMap.Builder<Integer> builder = new PathMap.Builder<>(random.nextInt(10));
    for (int i = random.nextInt(300); i > 0; i--) {
      String path = "p" + random.nextInt(1000);
      if (expected.putIfAbsent(path, i) == null) {
        builder.put(path, i);
      }
    }
    Map<String, Integer> map = builder.build();

    assertThat(map).isEqualTo(expected).hasSameHashCodeAs(expected).hasSameSizeAs(expected);
    expected.forEach((path, value) -> assertThat(map.get(path)).isEqualTo(value));
    assertThat(map.containsKey("missing")).isFalse();
    assertThat(List.copyOf(map.keySet())).isSorted();
    Map<String, Integer> visited = new HashMap<>();
    map.forEach(visited::put);
    assertThat(visited).isEqualTo(expected);
  }

  @Test
  void repetitionIsRefused() {
    PathMap.Builder<Integer> builder = new PathMap.Builder<>(0);
    builder.put("b", 1);
    builder.put("a", 1);
    builder.put("b", 1);
    assertThatThrownBy(builder::build)
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("'b' comes twice");
  }

  @Test
  void cannotBeChanged() {
    PathMap.Builder<Integer> builder = new PathMap.Builder<>(1);
    builder.put("b", 1);
    assertThatThrownBy(() -> builder.build().put("c", 1))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> builder.build().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
