package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.cli.bundling.BuiltBundle;
import dev.sheaf.cli.bundling.Bundler;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.Token;
import dev.sheaf.cli.http.Traffic;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.localstack.embedded.EmbeddedStack;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The same history as a muse repository: written as one bundle, uploaded as any S3 client would,
 * indexed by its job that nobody but the upload called, and read back through the API.
 */
final class MuseHalf {
  private static final String OWNER = "demo";
  private static final String NAME = "muse";
  private static final String TYPE = "application/x-msgpack";
  private static final Duration POLL = Duration.ofMillis(50);

  private final Environment environment;
  private final EmbeddedStack stack;
  private final Path work;
  private final Stopwatch steps;
  private final Map<String, Traffic.Count> traffic = new LinkedHashMap<>();

  /**
   * @param work holds what is written and what comes back
   */
  MuseHalf(Environment environment, EmbeddedStack stack, Path work) {
    this.environment = environment;
    this.stack = stack;
    this.work = work;
    this.steps = new Stopwatch(environment.nanoTime());
  }

  /** Runs it. */
  MuseReport run(Path original, Git git) throws IOException {
    BuiltBundle bundle = steps.time("write the bundle", () -> write(original));
    steps.time("upload", () -> upload(bundle));
    String report = steps.time("index, by its job", this::indexed);
    ReadBack back = steps.time("read back", () -> readBack(bundle.file()));
    MuseComparison comparison =
        steps.time("compare", () -> MuseComparison.of(git, back.answer(), back.isAll(), work));
    return new MuseReport(bundle.sizeBytes(), report, steps.millis(), traffic, comparison);
  }

  private BuiltBundle write(Path original) throws IOException {
    try (GitSource source = GitSource.open(original);
        GitHistory history = new GitHistory(source);
        Bundler bundler = new Bundler(source, history, work, _ -> {})) {
      return bundler.build(RefList.read(source, new RefList.Selection(List.of(), true)));
    }
  }

  /** The number of bytes that were sent. */
  private long upload(BuiltBundle bundle) {
    ObjectStore store = Site.from(stack.environment()).objects();
    store.put(
        ObjectKeys.bundle(OWNER, NAME, bundle.id()),
        new FileContent(bundle.file(), bundle.sizeBytes()),
        bundle.id(),
        ObjectStore.Condition.ALWAYS,
        TYPE);
    traffic.put("upload", new Traffic.Count(1, bundle.sizeBytes(), 0));
    return bundle.sizeBytes();
  }

  /** Waits for the job, and gives its report. */
  private String indexed() throws IOException {
    Transport transport = new Transport(environment.sleeper());
    RemoteUrl url = RemoteUrl.parse(stack.api() + "/" + OWNER + "/" + NAME);
    RepositoryClient client = new RepositoryClient(transport, url, Token.of(stack.token(), url));
    while (true) {
      Map<?, ?> job = newestJob(client);
      String status = String.valueOf(job.get("status"));
      if (status.equals("failed")) {
        throw new SheafException(
            ErrorKind.INVALID, "the muse bundle was not indexed: " + job.get("error"));
      }
      if (status.equals("done")) {
        traffic.put("index, by its job", transport.traffic().total());
        return Output.json(job.get("result"));
      }
      try {
        environment.sleeper().sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted", e);
      }
    }
  }

  /** Empty as long as the upload's event has not come: the repository is made by it. */
  private static Map<?, ?> newestJob(RepositoryClient client) {
    try {
      return client.jobs(1).get("jobs") instanceof List<?> jobs
              && !jobs.isEmpty()
              && jobs.getFirst() instanceof Map<?, ?> job
          ? job
          : Map.of();
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return Map.of();
      }
      throw e;
    }
  }

  /**
   * What came back.
   *
   * @param isAll whether it is the whole history
   */
  private record ReadBack(Content answer, boolean isAll) {}

  /** Everything that no other commit builds on; of a huge history as much as one answer holds. */
  private ReadBack readBack(Path bundle) throws IOException {
    HistoryCollector history = new HistoryCollector();
    try (InputStream in = Files.newInputStream(bundle)) {
      BundleReader.spoolingTo(work).withoutHashing().read(in, history);
    }
    List<Commit> oldestFirst = CommitOrder.parentsFirst(history.history().commits());
    Optional<Content> answer = fetch(CommitOrder.heads(oldestFirst));
    boolean isAll = answer.isPresent();
    for (int some = oldestFirst.size() / 4; answer.isEmpty() && some > 0; some /= 4) {
      answer = fetch(List.of(oldestFirst.get(some - 1).commitId()));
    }
    return new ReadBack(
        answer.orElseThrow(() ->
            new SheafException(ErrorKind.TOO_LARGE, "a single commit is too large for an answer")),
        isAll);
  }

  /**
   * Commits with all that they build on, snapshots and objects: in the answer, or in the pack that
   * it names. Empty when that is more than a function may send.
   */
  private Optional<Content> fetch(List<String> heads) throws IOException {
    URI route = URI.create(stack.api() + "/" + OWNER + "/" + NAME + "/fetch");
    byte[] asked = Msgpack.encode(Map.of("want", heads, "have", List.of()));
    HttpRequest request =
        HttpRequest.newBuilder(route)
            .header("Authorization", "Bearer " + stack.token())
            .header("Content-Type", TYPE)
            .header("Accept", TYPE)
            .header("Sheaf-Pack", "url")
            .POST(HttpRequest.BodyPublishers.ofByteArray(asked))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() == 413) {
        return Optional.empty();
      }
      if (answer.statusCode() != 200) {
        throw new SheafException(
            ErrorKind.INVALID,
            "the muse history cannot be read back: " + Msgpack.decode(answer.body()));
      }
      long received = answer.body().length;
      if (answer.headers().firstValue("Sheaf-Pack").isEmpty()) {
        traffic.put("read back", new Traffic.Count(1, asked.length, received));
        return Optional.of(Content.of(answer.body()));
      }
      Content pack = download(http, answer.body());
      traffic.put("read back", new Traffic.Count(2, asked.length, received + pack.size()));
      return Optional.of(pack);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted", e);
    }
  }

  private Content download(HttpClient http, byte[] answer)
      throws IOException, InterruptedException {
    if (!(Msgpack.decode(answer) instanceof Map<?, ?> fields)) {
      throw new SheafException(ErrorKind.INVALID, "the answer of /fetch is no map");
    }
    URI url = URI.create(String.valueOf(fields.get("pack_url")));
    Path file = Files.createTempFile(work, "pack-", null);
    http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofFile(file));
    return new FileContent(file, Files.size(file));
  }
}
