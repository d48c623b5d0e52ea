package dev.sheaf.cli.push;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.bundling.BuiltBundle;
import dev.sheaf.cli.bundling.Heads;
import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.UploadTarget;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.storage.Sleeper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Uploads bundles, announces them, and waits for the jobs that index them. */
public final class BundleSender {
  private static final Duration FIRST_POLL = Duration.ofMillis(100);
  private static final Duration LAST_POLL = Duration.ofSeconds(3);

  private final RepositoryClient client;
  private final StoreClient store;
  private final Sleeper sleeper;
  private final Progress progress;
  private final Stopwatch stopwatch;
  private final List<PushReport.SentBundle> sent = new ArrayList<>();
  private final List<String> jobs = new ArrayList<>();

  public BundleSender(
      RepositoryClient client,
      StoreClient store,
      Sleeper sleeper,
      Progress progress,
      Stopwatch stopwatch) {
    this.client = client;
    this.store = store;
    this.sleeper = sleeper;
    this.progress = progress;
    this.stopwatch = stopwatch;
  }

  /**
   * Uploads a bundle, unless the server has it, and announces it.
   *
   * @param heads where it moves branches to
   * @param expected where the server had its branches when the push began
   */
  void send(BuiltBundle bundle, Heads heads, boolean force, Map<String, String> expected)
      throws IOException {
    UploadTarget target =
        stopwatch
            .time(
                "presign",
                () -> Optional.ofNullable(client.presign(bundle.id(), bundle.sizeBytes())))
            .orElse(null);
    if (target != null) {
      stopwatch.time(
          "upload",
          () -> {
            store.upload(bundle.file(), target);
            return bundle;
          });
    }
    sent.add(new PushReport.SentBundle(bundle.id().prefixed(), bundle.sizeBytes(), target != null));
    Map<String, String> expectedHere = new HashMap<>(expected);
    expectedHere.keySet().retainAll(heads.branches().keySet());
    Map<String, @Nullable Object> answer =
        stopwatch.time(
            "announce", () -> client.unpack(bundle.id(), heads.branches(), force, expectedHere));
    if (answer.get("job_id") instanceof String job) {
      jobs.add(job);
    }
  }

  /** Bundles sent so far. */
  List<PushReport.SentBundle> sent() {
    return List.copyOf(sent);
  }

  /** Jobs so far. */
  List<String> jobs() {
    return List.copyOf(jobs);
  }

  /**
   * Waits until every job is done.
   *
   * @throws SheafException of kind CORRUPT when one failed, with its reason
   */
  void awaitJobs() {
    progress.begin("indexing", jobs.size(), Progress.Unit.ITEMS);
    stopwatch.time(
        "index",
        () -> {
          jobs.forEach(this::awaitJob);
          return jobs;
        });
    progress.end();
  }

  private void awaitJob(String id) {
    Duration wait = FIRST_POLL;
    while (true) {
      Map<String, @Nullable Object> job = client.job(id);
      switch (AnswerFields.text(job, "status")) {
        case "done" -> {
          progress.step(1);
          return;
        }
        case "failed" ->
            throw new SheafException(
                ErrorKind.CORRUPT,
                "the server could not index the bundle: "
                    + Objects.toString(job.get("error"), "no reason given")
                    + "; job "
                    + id);
        default -> sleep(wait);
      }
      wait = wait.multipliedBy(2).compareTo(LAST_POLL) < 0 ? wait.multipliedBy(2) : LAST_POLL;
    }
  }

  private void sleep(Duration wait) {
    try {
      sleeper.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted while waiting for a job", e);
    }
  }
}
