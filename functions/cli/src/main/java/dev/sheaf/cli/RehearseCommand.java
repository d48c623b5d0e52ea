package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.TextOutput;
import dev.sheaf.cli.rehearsal.RehearsalRepository;
import dev.sheaf.cli.rehearsal.RehearsalSite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sheaf rehearse}. */
@Command(
    name = "rehearse",
    description =
        "Push a small repository to a stand-in for a site and clone it back, all in this process;"
            + " the launcher prepares quick starts with it.",
    mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
  private final Environment environment;

  RehearseCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    Path work = Files.createTempDirectory("sheaf-rehearsal-");
    try (RehearsalSite first = RehearsalSite.start();
        RehearsalSite second = RehearsalSite.start()) {
      RehearsalRepository.create(work.resolve("original"));
      run(work, "push", "original", first.url());
      run(work, "refs", first.url());
      run(work, "clone", first.url(), "copy");
      // Its objects are in a pack now, as those of most repositories are.
      run(work, "push", "copy", second.url());
      return 0;
    } finally {
      Folders.delete(work);
    }
  }

  private void run(Path work, String... command) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    TextOutput out = TextOutput.results(said);
    Environment inside =
        new Environment(
            Map.of(),
            work,
            out,
            out,
            false,
            environment.clock(),
            environment.nanoTime(),
            environment.sleeper(),
            environment.random());
    if (Sheaf.run(inside, command) != 0) {
      throw new SheafException(
          ErrorKind.INVALID, command[0] + ": " + said.toString(StandardCharsets.UTF_8).strip());
    }
  }
}
