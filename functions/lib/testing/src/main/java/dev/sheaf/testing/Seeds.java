package dev.sheaf.testing;

import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * The seeds of a {@link RandomisedTest}: fixed ones, so that a build that passed passes again; the
 * ones in the system property {@code sheaf.seeds} ({@code 7,12}) to repeat a failure; or, as {@code
 * random:50}, as many fresh ones to look for new failures.
 */
public final class Seeds implements ArgumentsProvider {
  private static final String PROPERTY = "sheaf.seeds";
  private static final String RANDOM = "random:";

  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    int fixed =
        AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), RandomisedTest.class)
            .map(RandomisedTest::seeds)
            .orElse(1);
    return seeds(System.getProperty(PROPERTY, ""), fixed).mapToObj(Arguments::of);
  }

  static LongStream seeds(String property, int fixed) {
    if (property.isBlank()) {
      return LongStream.range(0, fixed);
    }
    if (property.startsWith(RANDOM)) {
      int count = Integer.parseInt(property.substring(RANDOM.length()));
      return new java.util.Random().longs(count, 0, Integer.MAX_VALUE);
    }
    return Stream.of(property.split(",")).map(String::strip).mapToLong(Long::parseLong);
  }
}
