package dev.sheaf.cli;

import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.cli.receive.CloneOptions;
import dev.sheaf.cli.receive.CloneReport;
import dev.sheaf.cli.receive.Cloner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
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
    /** Packs as the server keeps them, straight from the store. */
    bundles,
    /** One pack that the server makes. */
    fetch
  }

  /** More refs than these are not named one by one. */
  private static final int SHOWN = 20;

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
      description = "Take the packs that are stored (default), or have the server make one.")
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
            new CloneOptions(bare, via == Via.fetch, environment.variables()),
            progress,
            new Stopwatch(environment.nanoTime()));
    try {
      CloneReport report = cloner.cloneInto(target);
      progress.end();
      print(report, target);
      return report.incomplete() == null ? 0 : incomplete(report.incomplete(), target);
    } finally {
      progress.end();
    }
  }

  /** The repository is there, and is whole: what is missing can be had from it at any time. */
  private int incomplete(String why, Path target) {
    environment
        .err()
        .println(
            Visible.line(
                "sheaf: the repository is in "
                    + target
                    + ", but its files could not all be written: "
                    + why
                    + "; 'git status' shows which, 'git restore --source=HEAD :/' tries again"));
    return CommandLine.ExitCode.SOFTWARE;
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
                + Output.count(report.refs(), "ref")
                + " into "
                + Visible.line(target.toString())
                + ": "
                + Output.count(report.packs(), "pack")
                + " of "
                + Output.bytes(report.packBytes())
                + ", "
                + Output.count(report.traffic().total().requests(), "request")
                + ", "
                + Output.seconds(report.millis().getOrDefault("total", 0L)));
    if (!report.leftOut().isEmpty()) {
      environment
          .out()
          .println(
              "left out, as git would show another history with them: "
                  + report.leftOut().stream()
                      .limit(SHOWN)
                      .map(name -> Visible.line(name.toString()))
                      .collect(Collectors.joining(", "))
                  + (report.leftOut().size() > SHOWN ? ", ..." : ""));
    }
  }
}
