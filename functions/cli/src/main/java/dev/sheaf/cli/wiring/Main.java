package dev.sheaf.cli.wiring;

import dev.sheaf.cli.Sheaf;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.TextOutput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.ToIntFunction;

/** The process {@code sheaf}. */
public final class Main {
  private Main() {}

  /** Made when it is asked for: it takes some time, and few commands draw. */
  private static final class Unpredictable {
    static final SecureRandom SOURCE = new SecureRandom();
  }

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    run(environment -> Sheaf.run(environment, args));
  }

  /** Runs a program in the environment of this process, which ends with its exit code. */
  public static void run(ToIntFunction<Environment> program) {
    keepLibrariesQuiet();
    System.exit(program.applyAsInt(real()));
  }

  /**
   * A command says itself what went wrong. A log system would only cost a second at every start, so
   * there is none, unless somebody asks for one.
   */
  private static void keepLibrariesQuiet() {
    if (System.getProperty("slf4j.provider") == null) {
      System.setProperty("slf4j.internal.verbosity", "WARN");
      System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
    }
  }

  private static Environment real() {
    return new Environment(
        System.getenv(),
        Path.of("").toAbsolutePath(),
        TextOutput.results(new FileOutputStream(FileDescriptor.out)),
        TextOutput.messages(new FileOutputStream(FileDescriptor.err)),
        System.getenv("SHEAF_TTY") != null,
        InstantSource.system(),
        System::nanoTime,
        Thread::sleep,
        () -> Unpredictable.SOURCE.nextLong());
  }
}
