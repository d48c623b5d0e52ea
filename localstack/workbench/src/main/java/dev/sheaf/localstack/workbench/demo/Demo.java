package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.AnswerFields;
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
import dev.sheaf.localstack.embedded.EmbeddedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** The steps of the demo. */
final class Demo {
  private static final int MOST_JOBS = 20;

  private final Environment environment;
  private final Progress progress;
  private final Supplier<Transport> transports;
  private final Stopwatch steps;
  private final Path work;
  private final Path bin;

  /**
   * @param bin where git-remote-sheaf is
   * @param transports makes one for each step, so that each counts its own requests
   * @param work an empty folder; whoever made it deletes it
   */
  Demo(
      Environment environment,
      Path bin,
      Progress progress,
      Supplier<Transport> transports,
      Path work) {
    this.bin = bin;
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
      PlainGit plain =
          new PlainGit(environment.variables(), bin, stack.api().toString(), stack.token());
      steps.time(
          "start",
          () -> {
            plain.warmUp(work);
            return plain;
          });
      Step push = steps.time("push", () -> plain.push(original, url.toString()));
      steps.time("prove", () -> awaitProof(url, stack.token()));
      Step stored = steps.time("clone", () -> plain.clone(work, url.toString(), clone));
      Path other = work.resolve("fetched");
      Step fetched = steps.time("fetch", () -> Step.of(copy(url, stack.token(), other)));
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

  /** A large push has moved its refs before it was read to its end. */
  private List<String> awaitProof(RemoteUrl url, String token) {
    RepositoryClient client = new RepositoryClient(transports.get(), url, Token.of(token, url));
    List<String> jobs =
        AnswerFields.maps(client.jobs(MOST_JOBS), "jobs").stream()
            .map(job -> AnswerFields.text(job, "job_id"))
            .toList();
    new JobWatch(client, environment.sleeper(), progress).await(jobs);
    return jobs;
  }

  /** By the command, which has the server make one pack. */
  private CloneReport copy(RemoteUrl url, String token, Path target) throws IOException {
    Transport transport = transports.get();
    CloneOptions options = new CloneOptions(true, true, environment.variables());
    return new Cloner(
            new RepositoryClient(transport, url, Token.of(token, url)),
            new StoreClient(transport),
            options,
            progress,
            new Stopwatch(environment.nanoTime()))
        .cloneInto(target);
  }
}
