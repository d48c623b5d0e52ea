package dev.sheaf.cli.journal;

import dev.sheaf.cli.Sheaf;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.TextOutput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Runs {@code sheaf journal ...} and keeps what it prints. */
final class Terminal {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Environment environment;

  Terminal(Map<String, String> variables) {
    environment =
        new Environment(
            variables,
            Path.of("").toAbsolutePath(),
            TextOutput.results(out),
            TextOutput.messages(err),
            false,
            InstantSource.system(),
            System::nanoTime,
            _ -> {},
            new Random(1));
  }

  int run(String... arguments) {
    out.reset();
    err.reset();
    List<String> line = new ArrayList<>(List.of("journal"));
    line.addAll(List.of(arguments));
    return Sheaf.run(environment, line.toArray(String[]::new));
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
