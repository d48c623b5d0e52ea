package dev.sheaf.cli;

import dev.sheaf.cli.clone.CloneOptions;
import dev.sheaf.cli.clone.CloneReport;
import dev.sheaf.cli.clone.Cloner;
import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.process.Visible;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf clone}. */
@Command(
    name = "clone",
    description = "Clone into a git repository with the same commit, tree, tag and branch ids.",
    mixinStandardHelpOptions = true)
final class CloneCommand implements Callable<Integer> {
  /** Where the bytes come from. */
  enum Via {
    /** The bundles as they were pushed, straight from the store. */
    bundles,
    /** One bundle that the server makes. */
    fetch
  }

  @Mixin private final RemoteOptions remote;

  @Parameters(index = "0", paramLabel = "URL", description = "The repository.")
  private String url = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DIR",
      description = "Where to; else a folder named like the repository.")
  private @Nullable Path directory;

  @Option(names = "--bare", description = "Make a repository without a work tree.")
  private boolean bare;

  @Option(
      names = "--via",
      paramLabel = "bundles|fetch",
      description = "Take stored bundles (default), or have the server make one.")
  private Via via = Via.bundles;

  @Option(names = "--json", description = "Write the report as JSON.")
  private boolean json;

  private final Environment environment;

  CloneCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    RemoteUrl from = remote.url(url);
    Path target =
        environment.directory().resolve(directory == null ? Path.of(from.name()) : directory);
    Transport transport = remote.transport();
    Progress progress = new ConsoleProgress(environment);
    Cloner cloner =
        new Cloner(
            remote.repository(from, transport),
            new StoreClient(transport),
            new CloneOptions(
                bare,
                via == Via.fetch,
                Runtime.getRuntime().availableProcessors(),
                environment.variables()),
            progress,
            new Stopwatch(environment.nanoTime()));
    try {
      CloneReport report = cloner.cloneInto(target);
      progress.end();
      print(report, target);
      return 0;
    } finally {
      progress.end();
    }
  }

  private void print(CloneReport report, Path target) {
    if (json) {
      environment.out().println(Output.json(report.toMap()));
      return;
    }
    environment
        .out()
        .println(
            "cloned "
                + Output.count(report.commits(), "commit")
                + " and "
                + Output.count(report.refs(), "ref")
                + " into "
                + Visible.line(target.toString())
                + ": "
                + Output.count(report.bundles(), "bundle")
                + " of "
                + Output.bytes(report.bundleBytes())
                + ", "
                + Output.count(report.traffic().total().requests(), "request")
                + ", "
                + Output.seconds(report.millis().getOrDefault("total", 0L)));
    if (report.madeUpCommits() > 0) {
      environment
          .out()
          .println(
              Output.count(report.madeUpCommits(), "commit")
                  + " did not come from git; git commits were made up for them, the same in every"
                  + " clone");
    }
  }
}
