package dev.sheaf.bundle;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Seeds of randomised tests: a few fixed ones, or those of {@code -Dsheaf.seeds=17,42}. A test
 * takes one as its parameter, so that a failure names it.
 */
public final class Seeds {
  private static final int FIXED = 12;

  private Seeds() {}

  public static Stream<Long> seeds() {
    String chosen = System.getProperty("sheaf.seeds", "");
    return chosen.isEmpty()
        ? LongStream.rangeClosed(1, FIXED).boxed()
        : Stream.of(chosen.split(",")).map(Long::valueOf);
  }

  public static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }
}
