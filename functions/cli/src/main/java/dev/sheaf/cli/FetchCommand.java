package dev.sheaf.cli;

import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.receive.FetchReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf fetch}. */
@Command(
    name = "fetch",
    description =
        "Bring branches into refs/remotes/origin, new tags, and what goes forward of other refs; into"
            + " a mirror (fetch = +refs/*:refs/*, as 'sheaf clone --bare' makes it) all refs.",
    mixinStandardHelpOptions = true)
final class FetchCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..1",
      paramLabel = "GIT_DIR",
      description = "A clone, else the one around the working directory.")
  private @Nullable String directory;

  @Option(names = "--prune", description = "Delete those that are no longer on the server.")
  private boolean prune;

  @Option(names = "--json", description = "Write the report as JSON.")
  private boolean json;

  private final Environment environment;

  FetchCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    FetchRun run = new FetchRun(environment, remote);
    LocalRepository repository = run.repository(directory);
    Remote from = run.from(repository);
    FetchReport report = run.fetch(repository, from, prune);
    run.print(report, from, json);
    return 0;
  }
}
