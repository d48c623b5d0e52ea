package dev.sheaf.cli.process;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Sleeper;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Everything outside that commands touch.
 *
 * @param variables environment variables
 * @param directory the working directory
 * @param out where results go
 * @param err where everything else goes
 * @param interactive whether a person watches {@code err}
 * @param clock the time of day
 * @param nanoTime measures durations, in nanoseconds
 * @param sleeper waits
 * @param random unpredictable
 */
public record Environment(
    Map<String, String> variables,
    Path directory,
    TextOutput out,
    TextOutput err,
    boolean interactive,
    InstantSource clock,
    LongSupplier nanoTime,
    Sleeper sleeper,
    RandomGenerator random) {
  /** What the JVM makes of bytes that are no UTF-8. */
  private static final char NO_TEXT = '\ufffd';

  /**
   * The working directory.
   *
   * @throws SheafException of kind INVALID when its name is not UTF-8
   */
  @Override
  public Path directory() {
    requireText(directory.toString());
    return directory;
  }

  /**
   * Refuses a name that has lost bytes on its way here: it would stand for another file.
   *
   * @throws SheafException of kind INVALID
   */
  public static void requireText(String name) {
    if (name.indexOf(NO_TEXT) >= 0) {
      throw new SheafException(
          ErrorKind.INVALID,
          "'"
              + name
              + "' is not UTF-8, and Java has no other names: rename it, or reach it by a link");
    }
  }
}
