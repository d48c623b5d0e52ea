package dev.sheaf.cli.send;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.storage.Sleeper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Waits for the jobs in which the server proves what was sent. */
public final class JobWatch {
  private static final Duration FIRST_POLL = Duration.ofMillis(100);
  private static final Duration LAST_POLL = Duration.ofSeconds(3);

  private final RepositoryClient client;
  private final Sleeper sleeper;
  private final Progress progress;

  public JobWatch(RepositoryClient client, Sleeper sleeper, Progress progress) {
    this.client = client;
    this.sleeper = sleeper;
    this.progress = progress;
  }

  /**
   * Waits until every job is done.
   *
   * @throws SheafException of kind CORRUPT when one failed, with its reason
   */
  public void await(List<String> jobs) {
    progress.begin("proving", jobs.size(), Progress.Unit.ITEMS);
    jobs.forEach(this::await);
    progress.end();
  }

  private void await(String id) {
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
                "the server refused what was sent, and its refs are where they were: "
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
