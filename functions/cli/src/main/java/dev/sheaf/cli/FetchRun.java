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

  FetchReport fetch(LocalRepository repository, boolean prune) throws IOException {
    String url = RemoteOptions.origin(repository);
    if (url == null) {
      throw new SheafException(
          ErrorKind.INVALID,
          repository.path()
              + " was not cloned from a Sheaf site;"
              + " 'git remote add origin sheaf::URL' names one");
    }
    Transport transport = remote.transport();
    Progress progress = new ConsoleProgress(environment);
    try {
      return new RefFetcher(
              remote.configured(remote.url(url), transport),
              new StoreClient(transport),
              progress,
              new Stopwatch(environment.nanoTime()))
          .fetch(repository, prune);
    } finally {
      progress.end();
    }
  }

  void print(FetchReport report, boolean json) {
    if (json) {
      environment.out().println(Output.json(report.toMap()));
      return;
    }
    report
        .moved()
        .forEach((name, id) -> environment.out().println(Visible.line(name + " -> " + id)));
    report.deleted().forEach(name -> environment.out().println(Visible.line(name + " deleted")));
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
