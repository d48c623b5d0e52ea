package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the simulation over many seeds. {@code -Dsheaf.journal.seeds=20000} runs more of them,
 * {@code -Dsheaf.journal.seed=17} the one that failed.
 */
class SimulationTest {
  private static final Logger LOG = LoggerFactory.getLogger(SimulationTest.class);
  private static final int FEW_SEEDS = 150;

  @Test
  void replicasConvergeWhateverFails() {
    Long replayed = Long.getLong("sheaf.journal.seed");
    int seeds = Integer.getInteger("sheaf.journal.seeds", FEW_SEEDS);
    Simulation.Result sum =
        (replayed == null ? LongStream.range(0, seeds) : LongStream.of(replayed))
            .mapToObj(SimulationTest::run)
            .reduce(new Simulation.Result(0, 0, 0, 0, 0, 0), Simulation.Result::plus);
    LOG.info("simulated; seeds={} sum={}", seeds, sum);
    if (replayed == null) {
      // A simulation in which nothing happens proves nothing.
      assertThat(sum.folds()).isPositive();
      assertThat(sum.lost()).isPositive();
      assertThat(sum.probes()).isPositive();
      assertThat(sum.crashes()).isPositive();
      assertThat(sum.acknowledged()).isLessThan(sum.attempted());
    }
  }

  private static Simulation.Result run(long seed) {
    Simulation simulation = new Simulation(seed);
    try {
      return simulation.run();
    } catch (AssertionError e) {
      throw new AssertionError(
          "simulation failed; replay with -Dsheaf.journal.seed="
              + seed
              + "\n"
              + simulation.describe(),
          e);
    }
  }

  @Test
  void oneSeedIsOneRun() {
    long seed = new Random(5).nextLong();
    assertThat(new Simulation(seed).run()).isEqualTo(new Simulation(seed).run());
  }
}
