package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.Head;
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

/** {@code sheaf pull}. */
@Command(
    name = "pull",
    description = "Fetch, and move the branch that is checked out forward.",
    mixinStandardHelpOptions = true)
final class PullCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The work tree of a clone, else the one around the working directory.")
  private @Nullable String directory;

  @Option(names = "--prune", description = "As of fetch.")
  private boolean prune;

  @Option(names = "--json", description = "Write the report as JSON.")
  private boolean json;

  private final Environment environment;

  PullCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    FetchRun run = new FetchRun(environment, remote);
    LocalRepository repository = run.repository(directory);
    if (!(repository.head() instanceof Head.Branch branch)) {
      throw new SheafException(
          ErrorKind.INVALID, "no branch is checked out; 'sheaf fetch', then merge what you want");
    }
    Remote from = run.from(repository);
    FetchReport report = run.fetch(repository, from, prune);
    run.print(report, from, json);
    forward(repository, from, branch.name());
    return 0;
  }

  private void forward(LocalRepository repository, Remote from, RefName branch) throws IOException {
    RefName there =
        RefName.of(
            "refs/remotes/"
                + from.name()
                + "/"
                + branch.branch().orElseThrow(() -> unnamable(branch)));
    GitProgram.Outcome outcome =
        repository.inWorkTree().run("merge", "--ff-only", "--quiet", there.toString());
    if (!outcome.isDone()) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          branch
              + " does not go forward to "
              + there
              + " ("
              + outcome.reason()
              + "); what was fetched is there: 'git merge' or 'git rebase' joins the two");
    }
  }

  private static SheafException unnamable(RefName branch) {
    return new SheafException(
        ErrorKind.INVALID, branch + " is no text; 'sheaf fetch', then 'git merge'");
  }
}
