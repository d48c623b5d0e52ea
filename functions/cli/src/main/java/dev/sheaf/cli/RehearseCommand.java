package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.TextOutput;
import dev.sheaf.cli.rehearsal.RehearsalRepository;
import dev.sheaf.cli.rehearsal.RehearsalSite;
import dev.sheaf.cli.rehearsal.RehearsalStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sheaf rehearse}. */
@Command(
    name = "rehearse",
    hidden = true,
    description =
        "Push a small repository to a stand-in for a site and clone it back, and write and read a"
            + " journal, all in this process; the launcher prepares quick starts with it.",
    mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
  /** Enough for several threads to read them. */
  private static final int SEGMENTS = 40;

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
      rehearseJournal(work);
      run(work, "--help");
      return 0;
    } finally {
      Folders.delete(work);
    }
  }

  private void rehearseJournal(Path work) throws IOException {
    try (RehearsalStore store = RehearsalStore.start()) {
      String add = "{\"op\":\"IntMapAdd\",\"Key\":\"counts\",\"MapKey\":\"k\",\"Delta\":1}";
      for (int i = 0; i < SEGMENTS; i++) {
        journal(work, store, "apply", "rehearsal", add);
      }
      journal(work, store, "flush", "rehearsal");
      journal(work, store, "show", "rehearsal");
      journal(work, store, "ls");
      journal(work, store, "compact", "--threshold", "2");
    }
  }

  private void journal(Path work, RehearsalStore store, String command, String... arguments) {
    List<String> words = new ArrayList<>(List.of("journal", command));
    words.addAll(List.of("--bucket", RehearsalStore.BUCKET, "--endpoint", store.url()));
    words.addAll(List.of(arguments));
    run(work, words.toArray(String[]::new));
  }

  private void run(Path work, String... command) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    TextOutput out = TextOutput.results(said);
    Environment inside =
        new Environment(
            Map.of("AWS_ACCESS_KEY_ID", "rehearsal", "AWS_SECRET_ACCESS_KEY", "rehearsal"),
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
