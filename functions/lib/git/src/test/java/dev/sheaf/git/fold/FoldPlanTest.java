package dev.sheaf.git.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.git.StoredPack;
import dev.sheaf.git.fold.FoldPlan.Action;
import dev.sheaf.git.fold.FoldPlan.Kind;
import dev.sheaf.testing.RandomisedTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FoldPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-20T00:00:00Z");
  private static final FoldLimits LIMITS =
      new FoldLimits(2, 1_000, 1L << 40, 1L << 40, 1L << 39, Duration.ofDays(14));

  private int names;

  @Test
  void oneOrNoPackStays() {
    assertThat(FoldPlan.of(List.of(), LIMITS, NOW).kind()).isEqualTo(Kind.NOTHING);
    FoldPlan plan = FoldPlan.of(List.of(pack(5_000)), LIMITS, NOW);
    assertThat(plan.kind()).isEqualTo(Kind.NOTHING);
    assertThat(plan.steps().getFirst().reason()).contains("large enough");
  }

  @Test
  void packsOfADoublingRowStay() {
    List<PackFacts> row = List.of(pack(8_000), pack(1_000), pack(4_000), pack(2_000));
    assertThat(FoldPlan.of(row, LIMITS, NOW).kind()).isEqualTo(Kind.NOTHING);
  }

  @Test
  void theSmallOnesBecomeOneAndTheLargeStay() {
    PackFacts large = pack(100_000);
    FoldPlan plan = FoldPlan.of(List.of(large, pack(3_000), pack(2_000), pack(2_000)), LIMITS, NOW);
    assertThat(plan.kind()).isEqualTo(Kind.GEOMETRIC);
    assertThat(plan.folded()).hasSize(3).doesNotContain(large.pack());
    assertThat(plan.steps()).allSatisfy(step -> assertThat(step.reason()).isNotBlank());
  }

  @Test
  void whenAllWouldBecomeOneItIsAFullFold() {
    FoldPlan plan = FoldPlan.of(List.of(pack(3_000), pack(2_000)), LIMITS, NOW);
    assertThat(plan.kind()).isEqualTo(Kind.FULL);
  }

  @Test
  void aLargeRepositoryGetsABitmapOnce() {
    PackFacts without = pack(1L << 39);
    assertThat(FoldPlan.of(List.of(without), LIMITS, NOW).kind()).isEqualTo(Kind.FULL);
    StoredPack pack = without.pack();
    StoredPack with =
        new StoredPack(pack.name(), pack.packBytes(), pack.indexBytes(), pack.objects(), 1);
    assertThat(FoldPlan.of(List.of(new PackFacts(with, false, NOW)), LIMITS, NOW).kind())
        .isEqualTo(Kind.NOTHING);
  }

  @Test
  void unreachedObjectsAreKeptUntilTheirTimeIsOver() {
    PackFacts live = pack(100_000);
    PackFacts young = unreachable(NOW.minus(Duration.ofDays(13)));
    FoldPlan plan = FoldPlan.of(List.of(live, young), LIMITS, NOW);
    assertThat(plan.kind()).isEqualTo(Kind.NOTHING);
    assertThat(plan.steps().getLast().reason()).contains("is kept until 2026-01-21");

    PackFacts old = unreachable(NOW.minus(Duration.ofDays(14)));
    plan = FoldPlan.of(List.of(live, young, old), LIMITS, NOW);
    assertThat(plan.kind()).isEqualTo(Kind.FULL);
    assertThat(plan.folded()).containsExactly(live.pack(), old.pack());
  }

  @Test
  void whatDoesNotFitIsLeftAndSaysSo() {
    FoldLimits tight = new FoldLimits(2, 1_000, 12_000, 1L << 40, 1, Duration.ofDays(14));
    List<PackFacts> packs = List.of(pack(3_000), pack(3_100), pack(2_000), pack(2_100));
    FoldPlan plan = FoldPlan.of(packs, tight, NOW);
    assertThat(plan.kind()).isEqualTo(Kind.GEOMETRIC);
    assertThat(plan.folded()).hasSize(2);
    assertThat(plan.steps())
        .filteredOn(step -> step.action() == Action.KEEP)
        .allSatisfy(step -> assertThat(step.reason()).contains("12000 bytes of temp space"));
  }

  /** A thousand pushes onto a repository of any size, folded now and then. */
  @RandomisedTest(seeds = 20)
  void packsStayFew(long seed) {
    Random random = new Random(seed);
    FoldLimits limits = FoldLimits.of(1L << 30, 1L << 33);
    List<PackFacts> packs = new ArrayList<>();
    packs.add(bitmapped(pack(1_000L << random.nextInt(20))));
    for (int push = 0; push < 1_000; push++) {
      packs.add(pack(2_000 + random.nextInt(20_000)));
      if (random.nextInt(10) == 0) {
        packs = folded(packs, limits);
        assertThat(packs).as("packs after push " + push).hasSizeLessThanOrEqualTo(9);
        assertRow(packs, limits);
      }
    }
    assertThat(folded(packs, limits)).hasSizeLessThanOrEqualTo(8);
  }

  private static void assertRow(List<PackFacts> packs, FoldLimits limits) {
    List<Long> sizes = packs.stream().map(PackFacts::bytes).sorted().toList();
    for (int i = 1; i < sizes.size(); i++) {
      long smaller = Math.max(limits.smallBytes(), sizes.get(i - 1));
      assertThat(sizes.get(i)).isGreaterThanOrEqualTo(limits.ratio() * smaller);
    }
  }

  private List<PackFacts> folded(List<PackFacts> packs, FoldLimits limits) {
    FoldPlan plan = FoldPlan.of(packs, limits, NOW);
    if (plan.kind() == Kind.NOTHING) {
      return packs;
    }
    List<PackFacts> after =
        new ArrayList<>(
            packs.stream().filter(pack -> !plan.folded().contains(pack.pack())).toList());
    PackFacts one = pack(plan.folded().stream().mapToLong(StoredPack::packBytes).sum());
    after.add(plan.kind() == Kind.FULL ? bitmapped(one) : one);
    return after;
  }

  private static PackFacts bitmapped(PackFacts facts) {
    StoredPack pack = facts.pack();
    return new PackFacts(
        new StoredPack(pack.name(), pack.packBytes(), pack.indexBytes(), pack.objects(), 1),
        false,
        NOW);
  }

  private PackFacts pack(long bytes) {
    return new PackFacts(stored(bytes), false, NOW);
  }

  private PackFacts unreachable(Instant since) {
    return new PackFacts(stored(500), true, since);
  }

  private StoredPack stored(long bytes) {
    byte[] name = new byte[32];
    java.nio.ByteBuffer.wrap(name).putInt(names++);
    return new StoredPack(ContentId.ofBytes(name), bytes - 1, 1, 1, 0);
  }
}
