package dev.sheaf.bundleindex;

import dev.sheaf.repository.history.BuildsOnException;
import dev.sheaf.repository.history.MissingBaseException;
import dev.sheaf.repository.intake.OutOfTimeException;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.WakeUp;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
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

  private final BundleIndex.Ports ports;
  private final Jobs jobs;
  private final BundleIndexer indexer;
  private final DeadLetters deadLetters;

  Lane(BundleIndex.Ports ports, Jobs jobs, BundleIndexer indexer) {
    this.ports = ports;
    this.jobs = jobs;
    this.indexer = indexer;
    this.deadLetters = new DeadLetters(ports, jobs);
  }

  /**
   * Runs what is waiting. When this returns, the message that it was for is no longer needed: every
   * job that is left has another one.
   *
   * @param isLast whether the message goes to the dead letters if this does not return: then
   *     another one is sent before the first run, for when a worker that died can be told from one
   *     that works
   * @param remainingMillis time left for this invocation
   */
  void drain(String repoId, boolean isLast, LongSupplier remainingMillis) {
    for (boolean first = true; ; first = false) {
      if (!first && remainingMillis.getAsLong() < SHORT_OF_TIME.toMillis()) {
        wake(repoId, Duration.ZERO);
        return;
      }
      Optional<Jobs.Claim> claim = jobs.claimNext(repoId, ports.staleClaim());
      if (claim.isPresent()) {
        if (first && isLast) {
          wake(repoId, ports.staleClaim());
        }
        switch (run(claim.get(), remainingMillis)) {
          case LANE_EMPTY -> {
            return;
          }
          case AGAIN -> {
            // Jobs behind it may build on it: they wait with it.
            wake(repoId, ports.retryAfter().multipliedBy(claim.get().job().attempt()));
            return;
          }
          case LOOK -> {}
        }
      } else if (!giveUpVanished(repoId)) {
        return;
      }
    }
  }

  /**
   * Gives up a job of which no worker has come back; for any other that is left, sends a message
   * for when it can be begun, or when the worker that runs it must be dead.
   *
   * @return whether the lane is to be looked at again at once
   */
  private boolean giveUpVanished(String repoId) {
    switch (jobs.ahead(repoId, ports.staleClaim())) {
      case Jobs.Ahead.Nothing() -> {
        return false;
      }
      case Jobs.Ahead.Until(Instant when) -> {
        wake(repoId, Duration.between(ports.clock().instant(), when));
        return false;
      }
      case Jobs.Ahead.Vanished(Jobs.Claim claim) -> {
        String reason =
            "attempt %d of %d, begun at %s, never came back: out of time, out of memory or killed"
                .formatted(claim.job().attempt(), Jobs.MAX_ATTEMPTS, claim.job().claimedAt());
        log.error(failureLine(claim, jobs.fail(claim, reason, false, deadLetters::send), reason));
        promote(claim);
        return true;
      }
    }
  }

  private void wake(String repoId, Duration delay) {
    ports.queue().get().send(WakeUp.of(repoId).body(), delay);
  }

  /** What is to be done with the lane after a run. */
  private enum Next {
    /** Nothing: the job was its last. */
    LANE_EMPTY,
    /** Nothing now: the job failed, and is to be tried again. */
    AGAIN,
    /** There may be more. */
    LOOK
  }

  private Next run(Jobs.Claim claim, LongSupplier remainingMillis) {
    try {
      Jobs.Ended ended =
          indexer.index(claim, () -> remainingMillis.getAsLong() < TIME_TO_COMMIT.toMillis());
      return ended == Jobs.Ended.LANE_EMPTY ? Next.LANE_EMPTY : Next.LOOK;
    } catch (OutOfTimeException e) {
      // It goes on from there in another invocation: this one is short of time, and wakes it.
      log.info("job {}: {}", claim.job().jobId(), e.getMessage());
      jobs.postpone(claim);
      return Next.LOOK;
    } catch (LostClaimException e) {
      log.warn(e.getMessage());
      return Next.LOOK;
    } catch (Throwable e) {
      // Errors included: a job that runs out of memory must not stay claimed.
      return failed(claim, e).equals(Optional.of(Job.Status.PENDING)) ? Next.AGAIN : Next.LOOK;
    }
  }

  private Optional<Job.Status> failed(Jobs.Claim claim, Throwable failure) {
    boolean permanent = Failures.isPermanent(failure);
    String reason = Failures.describe(failure);
    Optional<Job.Status> status =
        switch (failure) {
          // It came before what it builds on, which may be on its way.
          case BuildsOnException e -> jobs.failUntilArrival(claim, e);
          case MissingBaseException e -> jobs.failWithout(claim, e.missing(), reason);
          // No further run and no operator can help a bundle at fault.
          case Throwable e when permanent -> jobs.fail(claim, reason, true);
          default -> jobs.fail(claim, reason, false, deadLetters::send);
        };
    if (status.equals(Optional.of(Job.Status.FAILED))) {
      promote(claim);
    }
    String line = failureLine(claim, status, reason);
    if (permanent) {
      log.warn(line);
    } else if (Failures.isSites(failure)) {
      log.error(line, failure);
      log.error(IndexReport.siteLine(claim.job(), reason));
    } else {
      log.warn(line, failure);
    }
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

  private static String failureLine(Jobs.Claim claim, Optional<Job.Status> status, String reason) {
    String column = status.map(Job.Status::column).orElse("taken over");
    return IndexReport.failureLine(claim.job(), column, reason);
  }
}
