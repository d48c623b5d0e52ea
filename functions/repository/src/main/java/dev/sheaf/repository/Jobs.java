package dev.sheaf.repository;

import dev.sheaf.bundle.Pending;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The table {@code jobs}: a lane of jobs per repository, of which the oldest runs.
 *
 * <p>A job is pending until a worker claims it. A claim has a token; whoever finishes or fails a
 * job must hold the token that is in the row, so a worker that was taken for dead and comes back
 * late changes nothing. A claim older than {@code staleAfter} may be taken over.
 */
public final class Jobs {
  /** A job is given up at the end of this many runs. */
  public static final int MAX_ATTEMPTS = 3;

  private final Catalog catalog;
  private final InstantSource clock;
  private final Supplier<String> ids;

  /**
   * @param ids makes job ids and claim tokens; never the same text twice
   */
  public Jobs(Catalog catalog, InstantSource clock, Supplier<String> ids) {
    this.catalog = catalog;
    this.clock = clock;
    this.ids = ids;
  }

  /** The same jobs inside a transaction. */
  public Jobs in(Catalog transaction) {
    return new Jobs(transaction, clock, ids);
  }

  /**
   * A job to run, held by its token.
   *
   * @param job the row as claimed: running, with the attempt counted
   */
  public record Claim(Job job, String token) {}

  /**
   * Makes sure that a bundle is or will be indexed, and registers the bundle with its repository.
   *
   * <p>An upload's event and the call that announces the push may come in either order, each any
   * number of times, and share one job: what the call knows is merged into a job that waits or
   * runs. A new job is made only when there is none, or when the last one failed and this is
   * another upload than the one that it was for. The bundle counts as pending from then on.
   *
   * @return the job of the bundle, which may be over already
   */
  public Job enqueue(String repoId, String bundle, JobPayload payload) {
    return Pending.value(catalog, clock, ids);
  }

  /** Claims the oldest job of a repository that is not over, unless it runs already. */
  public Optional<Claim> claimNext(String repoId, Duration staleAfter) {
    return Pending.value();
  }

  /**
   * Ends a run that wrote everything; part of the transaction that wrote it.
   *
   * @param result the report as JSON
   * @return whether the claim still held; if not, nothing was changed: roll back
   */
  public boolean finish(Claim claim, String result) {
    return Pending.value();
  }

  /**
   * Ends a run that failed: the job goes back to pending, or to failed when the error is permanent
   * or this was the last attempt. A job that failed gives up its bundle, too, and takes back the
   * branches that were moved for it.
   *
   * @return the job's new status; empty when the claim no longer held and nothing was changed
   */
  public Optional<Job.Status> fail(Claim claim, String error, boolean permanent) {
    return Pending.value();
  }

  /** Puts a job that is over back into its lane, with no attempt counted; false if it is not. */
  public boolean retry(String repoId, String jobId) {
    return Pending.value();
  }

  /** One job of a repository. */
  public Optional<Job> find(String repoId, String jobId) {
    return Pending.value();
  }

  /** The jobs of a repository, newest first. */
  public List<Job> list(String repoId, int limit) {
    return Pending.value();
  }

  /** Whether a repository has jobs that are not over: what it was sent may not all be readable. */
  public boolean hasActive(String repoId) {
    return Pending.value();
  }
}
