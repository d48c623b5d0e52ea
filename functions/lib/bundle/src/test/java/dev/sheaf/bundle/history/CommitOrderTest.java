package dev.sheaf.bundle.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Samples;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CommitOrderTest {

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void parentsComeFirst(long seed) {
    Samples sample = Samples.random(Seeds.random(seed), IdDialect.BARE);
    List<Commit> shuffled = new ArrayList<>(sample.history().commits());
    Collections.shuffle(shuffled, new Random(seed));

    List<String> ordered =
        CommitOrder.parentsFirst(shuffled).stream().map(Commit::commitId).toList();

    assertThat(ordered)
        .containsExactlyInAnyOrderElementsOf(shuffled.stream().map(Commit::commitId).toList());
    for (Commit commit : shuffled) {
      for (String parent : commit.parentIds()) {
        assertThat(ordered.indexOf(parent)).isLessThan(ordered.indexOf(commit.commitId()));
      }
    }
  }

  @Test
  void inputOrderDecidesOtherwise() {
    List<Commit> input = List.of(commit("z"), commit("c", "z"), commit("a"), commit("b", "z"));
    assertThat(ids(CommitOrder.parentsFirst(input))).containsExactly("z", "c", "a", "b");
    assertThat(ids(CommitOrder.parentsFirst(input.reversed()))).containsExactly("a", "z", "b", "c");
  }

  @Test
  void parentsOutsideDoNotCount() {
    List<Commit> input = List.of(commit("b", "a", "nowhere", "a"), commit("a", "elsewhere"));
    assertThat(ids(CommitOrder.parentsFirst(input))).containsExactly("a", "b");
  }

  @Test
  void depthIsNoProblem() {
    List<Commit> chain = new ArrayList<>();
    for (int i = 100_000; i > 0; i--) {
      chain.add(commit("c" + i, "c" + (i - 1)));
    }
    assertThat(CommitOrder.parentsFirst(chain).getFirst().commitId()).isEqualTo("c1");
    assertThat(CommitOrder.onlyHead(chain)).isEqualTo("c100000");
  }

  @Test
  void cycleIsRefused() {
    List<Commit> input =
        List.of(
            commit("ok"),
            commit("x", "c"),
            commit("a", "ok", "c"),
            commit("b", "a"),
            commit("c", "b"));
    assertThatThrownBy(() -> CommitOrder.parentsFirst(input))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("cycle")
        .hasMessageMatching(".*: [abc] is an ancestor of its own parent [abc];.*");
    assertThatThrownBy(() -> CommitOrder.parentsFirst(List.of(commit("self", "self"))))
        .hasMessageContaining("self is an ancestor of its own parent self");
  }

  @Test
  void onlyHeadIsTheUniqueSink() {
    assertThat(CommitOrder.onlyHead(List.of(commit("b", "a"), commit("a")))).isEqualTo("b");
    assertThatThrownBy(() -> CommitOrder.onlyHead(List.of(commit("b", "a"), commit("c", "a"))))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("2 heads [b, c]");
    assertThatThrownBy(() -> CommitOrder.onlyHead(List.of()))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("0 heads");
  }

  private static Commit commit(String id, String... parents) {
    return Commit.of(id, "s", "m", "t", List.of(parents));
  }

  private static List<String> ids(List<Commit> commits) {
    return commits.stream().map(Commit::commitId).toList();
  }
}
