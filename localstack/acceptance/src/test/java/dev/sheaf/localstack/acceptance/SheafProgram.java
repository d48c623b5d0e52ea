package dev.sheaf.localstack.acceptance;

import dev.sheaf.cli.Sheaf;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.TextOutput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;

/**
 * The command {@code sheaf} in this process.
 *
 * @param folder where it runs
 * @param token as {@code SHEAF_TOKEN}
 */
record SheafProgram(Path folder, String token) {
  /**
   * How a command ended.
   *
   * @param text all that it wrote
   */
  record Ended(int exit, String text) {}

  Ended run(String... arguments) {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    TextOutput out = TextOutput.results(written);
    int exit =
        Sheaf.run(
            new Environment(
                Map.of("SHEAF_TOKEN", token),
                folder,
                out,
                out,
                false,
                InstantSource.system(),
                System::nanoTime,
                Thread::sleep,
                new SecureRandom()),
            arguments);
    return new Ended(exit, written.toString(StandardCharsets.UTF_8));
  }
}
