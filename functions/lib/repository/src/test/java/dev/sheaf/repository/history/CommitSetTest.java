package dev.sheaf.repository.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CommitSetTest {
  @Test
  void isWrittenAsRanges() {
    assertThat(CommitSet.EMPTY.toMultirange()).isEqualTo("{}");
    assertThat(CommitSet.of(IntStream.of(7)).toMultirange()).isEqualTo("{[7,7]}");
    assertThat(CommitSet.of(IntStream.of(9, 1, 2, 2, 3, 8)).toMultirange())
        .isEqualTo("{[1,3],[8,9]}");
  }

  @Test
  void knowsItsNewest() {
    CommitSet set = CommitSet.of(IntStream.of(1, 5, 9));
    assertThat(set.newest(2)).isEqualTo(CommitSet.of(IntStream.of(5, 9)));
    assertThat(set.newest(9)).isEqualTo(set);
    assertThat(set.contains(5)).isTrue();
    assertThat(set.contains(4)).isFalse();
  }
}
