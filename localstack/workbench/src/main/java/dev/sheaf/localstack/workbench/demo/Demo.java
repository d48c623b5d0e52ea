package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Token;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.receive.CloneOptions;
import dev.sheaf.cli.receive.CloneReport;
import dev.sheaf.cli.receive.Cloner;
import dev.sheaf.cli.send.JobWatch;
import dev.sheaf.cli.send.PackSender;
import dev.sheaf.cli.send.PushOptions;
import dev.sheaf.cli.send.PushReport;
import dev.sheaf.cli.send.Pusher;
import dev.sheaf.localstack.embedded.EmbeddedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** The steps of the demo. */
final class Demo {
  private final Environment environment;
  private final Progress progress;
  private final Supplier<Transport> transports;
  private final Stopwatch steps;
  private final Path work;

  /**
   * @param transports makes one for each step, so that each counts its own requests
   * @param work an empty folder; whoever made it deletes it
   */
  Demo(Environment environment, Progress progress, Supplier<Transport> transports, Path work) {
    this.environment = environment;
    this.progress = progress;
    this.transports = transports;
    this.work = work;
    this.steps = new Stopwatch(environment.nanoTime());
  }

  /**
   * Runs everything.
   *
   * @param original the repository to push
   * @param clone where its clone is to stand
   */
  DemoReport run(Path original, Path clone) throws IOException {
    try (EmbeddedStack stack = steps.time("start", () -> EmbeddedStack.builder().start())) {
      RemoteUrl url = RemoteUrl.parse(stack.api() + "/demo/repository");
      PushReport push = steps.time("push", () -> push(original, url, stack.token()));
      CloneReport stored =
          steps.time("clone", () -> copy(url, stack.token(), new Way(false, false), clone));
      Path other = work.resolve("fetched");
      CloneReport fetched =
          steps.time("fetch", () -> copy(url, stack.token(), new Way(true, true), other));
      Git git = git(original);
      Comparison ofStored = steps.time("compare", () -> Comparison.of(git, git(clone)));
      Comparison ofFetched = steps.time("compare", () -> Comparison.of(git, git(other)));
      MuseReport muse =
          steps.time(
              "muse",
              () ->
                  new MuseHalf(environment, stack, Files.createDirectory(work.resolve("muse")))
                      .run(original, git));
      return new DemoReport(
          git.packBytes(),
          steps.millis(),
          push,
          new DemoReport.Copy(stored, ofStored),
          new DemoReport.Copy(fetched, ofFetched),
          muse);
    }
  }

  private Git git(Path repository) throws IOException {
    return new Git(repository, LocalRepository.open(environment.variables(), repository).git());
  }

  private PushReport push(Path original, RemoteUrl url, String token) throws IOException {
    Transport transport = transports.get();
    RepositoryClient client = new RepositoryClient(transport, url, Token.of(token, url));
    Stopwatch stopwatch = new Stopwatch(environment.nanoTime());
    PackSender sender = new PackSender(client, new StoreClient(transport), progress, stopwatch);
    JobWatch jobs = new JobWatch(client, environment.sleeper(), progress);
    PushOptions options = new PushOptions(List.of(), false, false, List.of(), true);
    LocalRepository repository = LocalRepository.open(environment.variables(), original);
    return new Pusher(repository, client, sender, jobs, options, stopwatch).push();
  }

  /** How to clone. */
  private record Way(boolean bare, boolean viaFetch) {}

  private CloneReport copy(RemoteUrl url, String token, Way way, Path target) throws IOException {
    Transport transport = transports.get();
    CloneOptions options = new CloneOptions(way.bare(), way.viaFetch(), environment.variables());
    return new Cloner(
            new RepositoryClient(transport, url, Token.of(token, url)),
            new StoreClient(transport),
            options,
            progress,
            new Stopwatch(environment.nanoTime()))
        .cloneInto(target);
  }
}
