package dev.sheaf.bundleindex;

import dev.sheaf.repository.Job;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.intake.OutOfTimeException;
import dev.sheaf.storage.queue.JobQueue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the jobs of a repository, oldest first, until none is waiting.
 *
 * <p>A message only says that there may be something to do. As long as a repository has jobs that
 * are not over, one message for it is undelivered, in flight or delayed: whoever ends a message
 * early sends another one first. So no job is forgotten when a worker dies.
 */
final class Lane {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);

  /** No further job is begun with less time than this. */
  private static final Duration SHORT_OF_TIME = Duration.ofSeconds(60);

  /** Shorter than {@link #SHORT_OF_TIME}: a job that stops for it ends the invocation. */
  private static final Duration TIME_TO_COMMIT = Duration.ofSeconds(45);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(20);

  private final Jobs jobs;
  private final BundleIndexer indexer;
  private final Supplier<JobQueue> queue;
  private final InstantSource clock;
  private final Duration staleAfter;

  /**
   * @param queue the queue that messages come from
   * @param staleAfter age of a claim whose worker must be dead
   */
  Lane(
      Jobs jobs,
      BundleIndexer indexer,
      Supplier<JobQueue> queue,
      InstantSource clock,
      Duration staleAfter) {
    this.jobs = jobs;
    this.indexer = indexer;
    this.queue = queue;
    this.clock = clock;
    this.staleAfter = staleAfter;
  }

  /**
   * How a drain ended.
   *
   * @param isWaiting whether a job failed and waits to be tried again
   * @param givenUp jobs that failed at their last attempt
   */
  record Outcome(boolean isWaiting, Set<String> givenUp) {}

  /**
   * Runs what is waiting.
   *
   * @param isRedelivered whether the message was received before: its first worker may have died
   * @param remainingMillis time left for this invocation
   */
  Outcome drain(String repoId, boolean isRedelivered, LongSupplier remainingMillis) {
    Set<String> givenUp = new HashSet<>();
    for (boolean first = true; ; first = false) {
      if (!first && remainingMillis.getAsLong() < SHORT_OF_TIME.toMillis()) {
        queue.get().send(QueueMessage.wakeUp(repoId));
        return new Outcome(false, givenUp);
      }
      Optional<Jobs.Claim> claim = jobs.claimNext(repoId, staleAfter);
      if (claim.isEmpty()) {
        if (first && isRedelivered) {
          lookAgainLater(repoId);
        }
        return new Outcome(false, givenUp);
      }
      Optional<Job.Status> failed = run(claim.get(), remainingMillis);
      if (failed.equals(Optional.of(Job.Status.PENDING))) {
        retryLater(claim.get());
        return new Outcome(true, givenUp);
      }
      if (failed.equals(Optional.of(Job.Status.FAILED))) {
        givenUp.add(claim.get().job().jobId());
      }
    }
  }

  /**
   * Runs one job.
   *
   * @return its status when it failed; empty when it is done or was taken over, and for a bundle at
   *     fault, which no further run and no operator can help
   */
  private Optional<Job.Status> run(Jobs.Claim claim, LongSupplier remainingMillis) {
    try {
      indexer.index(claim, () -> remainingMillis.getAsLong() < TIME_TO_COMMIT.toMillis());
      return Optional.empty();
    } catch (OutOfTimeException e) {
      // It goes on from there in another invocation: this one is short of time, and wakes it.
      log.info("job {}: {}", claim.job().jobId(), e.getMessage());
      jobs.postpone(claim);
      return Optional.empty();
    } catch (LostClaimException e) {
      log.warn(e.getMessage());
      return Optional.empty();
    } catch (Throwable e) {
      // Errors included: a job that runs out of memory must not stay claimed.
      return failed(claim, e);
    }
  }

  private Optional<Job.Status> failed(Jobs.Claim claim, Throwable failure) {
    boolean permanent = Failures.isPermanent(failure);
    Optional<Job.Status> status = jobs.fail(claim, Failures.describe(failure), permanent);
    if (status.equals(Optional.of(Job.Status.FAILED))) {
      promote(claim);
    }
    String column = status.map(Job.Status::column).orElse("taken over");
    String line = IndexReport.failureLine(claim.job(), column, Failures.describe(failure));
    if (permanent) {
      log.warn(line);
      return Optional.empty();
    }
    log.warn(line, failure);
    return status;
  }

  /** What small pushes were promised does not wait in the catalog for a job that has ended. */
  private void promote(Jobs.Claim claim) {
    try {
      indexer.promote(claim.job().repoId());
    } catch (RuntimeException e) {
      log.error(
          "objects of repository {} stay in the catalog, readable, until a job of it runs: {}",
          claim.job().repoId(),
          Failures.describe(e));
    }
  }

  /** The message itself comes back only when its visibility timeout has passed. */
  private void retryLater(Jobs.Claim claim) {
    Duration delay = RETRY_AFTER.multipliedBy(claim.job().attempt());
    queue.get().send(QueueMessage.wakeUp(claim.job().repoId()), delay);
  }

  /** Another worker runs a job here. If it is dead, its claim will be stale then. */
  private void lookAgainLater(String repoId) {
    jobs.runningSince(repoId)
        .map(since -> Duration.between(clock.instant(), since.plus(staleAfter)))
        .ifPresent(delay -> queue.get().send(QueueMessage.wakeUp(repoId), delay));
  }
}
