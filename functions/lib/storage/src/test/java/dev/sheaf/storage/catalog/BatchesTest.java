package dev.sheaf.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchesTest {
  @Test
  void splitsByBytesAndByRows() {
    List<Integer> rows = List.of(4, 4, 2, 5, 5, 1, 10, 0, 0, 0, 0);
    assertThat(Batches.of(rows, n -> n, 10, 3))
        .containsExactly(
            List.of(4, 4, 2), List.of(5, 5), List.of(1), List.of(10, 0, 0), List.of(0, 0));
    assertThat(Batches.of(List.<Integer>of(), n -> n, 10, 3)).isEmpty();
  }

  @Test
  void aRowThatFitsNowhereIsNamedWithTheLimit() {
    assertThatThrownBy(() -> Batches.of(List.of(1, 11), n -> n, 10, 3))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE))
        .hasMessageContainingAll("row 1", "11", "10", "4 MiB");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void keepsEveryRowInOrderAndEveryBatchWithinItsBounds(long seed) {
    Random random = new Random(seed);
    List<Integer> rows = IntStream.range(0, 500).map(i -> random.nextInt(100)).boxed().toList();
    List<List<Integer>> batches = Batches.of(rows, n -> n, 150, 7);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(rows);
    assertThat(batches)
        .allSatisfy(batch -> {
          assertThat(batch).isNotEmpty().hasSizeLessThanOrEqualTo(7);
          assertThat(batch.stream().mapToInt(n -> n).sum()).isLessThanOrEqualTo(150);
        });
  }
}
