package dev.sheaf.cli.process;

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
    RandomGenerator random) {}
