package dev.sheaf.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * A test that runs once a seed; its one parameter is the seed, a {@code long}. The seed is in the
 * name of the run, so a failure says how to repeat it: {@code -Dsheaf.seeds=<seed>}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "-Dsheaf.seeds={0}")
@ArgumentsSource(Seeds.class)
public @interface RandomisedTest {
  /** How many of the fixed seeds to run when none are named. */
  int seeds() default 10;
}
