package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.cli.receive.FetchReport;
import dev.sheaf.cli.receive.RefFetcher;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What {@code fetch} and {@code pull} both do. */
final class FetchRun {
  private final Environment environment;
  private final RemoteOptions remote;

  FetchRun(Environment environment, RemoteOptions remote) {
    this.environment = environment;
    this.remote = remote;
  }

  LocalRepository repository(@Nullable String directory) throws IOException {
    return LocalRepository.named(environment.variables(), environment.directory(), directory);
  }

  Remote from(LocalRepository repository) throws IOException {
    return Remote.of(repository)
        .orElseThrow(() ->
            new SheafException(
                ErrorKind.INVALID,
                repository.path()
                    + " was not cloned from a Sheaf site;"
                    + " 'git remote add origin sheaf::URL' names one"));
  }

  FetchReport fetch(LocalRepository repository, Remote from, boolean prune) throws IOException {
    Transport transport = remote.transport();
    Progress progress = new ConsoleProgress(environment);
    try {
      return new RefFetcher(
              remote.configured(remote.url(from.url()), transport),
              new StoreClient(transport),
              progress,
              new Stopwatch(environment.nanoTime()))
          .fetch(repository, from.name(), prune);
    } finally {
      progress.end();
    }
  }

  void print(FetchReport report, Remote from, boolean json) {
    if (json) {
      environment.out().println(Output.json(report.toMap()));
      return;
    }
    report
        .moved()
        .forEach((name, id) -> environment.out().println(Visible.line(name + " -> " + id)));
    report.deleted().forEach(name -> environment.out().println(Visible.line(name + " deleted")));
    report
        .stay()
        .forEach(name ->
            environment
                .out()
                .println(
                    Visible.line(
                        name
                            + " stays: it is another one there; to take that: git fetch --force "
                            + from.name()
                            + " "
                            + name
                            + ":"
                            + name)));
    environment
        .out()
        .println(
            "fetched "
                + Output.bytes(report.packBytes())
                + ", "
                + Output.count(report.traffic().total().requests(), "request")
                + ", "
                + Output.seconds(report.millis().getOrDefault("total", 0L)));
  }
}
