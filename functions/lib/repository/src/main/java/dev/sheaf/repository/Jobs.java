package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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

  /** So that a page of jobs stays within the Data API's limits. */
  private static final int LIST_LIMIT = 100;

  private static final int ERROR_CHARACTERS = 2_000;

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
   * The job of a bundle.
   *
   * @param isRenewed whether it takes the place of one that failed
   */
  public record Enqueued(Job job, boolean isRenewed) {}

  /**
   * Makes sure that a bundle is or will be indexed, and registers the bundle with its repository.
   *
   * <p>An upload's event and the call that announces the push may come in either order, each any
   * number of times, and share one job: what the one knows is added to the job that the other made.
   * A new job is made only when there is none, or when the last one failed and this is another
   * upload than the one that it was for.
   *
   * @return the job of the bundle, which may be over already
   */
  public Enqueued enqueue(String repoId, ContentId bundle, long sizeBytes, JobPayload payload) {
    return catalog
        .execute(
            Statement.of(JobSql.ENQUEUE)
                .text("repo", repoId)
                .text("bundle", bundle.hex())
                .number("size", sizeBytes)
                .text("new_id", ids.get())
                .text("type", Job.BUNDLE_INDEX)
                .text("payload", JobSql.json(payload))
                .text("upload", payload.uploadId())
                .text("now", now()))
        .first()
        .map(row -> new Enqueued(JobSql.job(row), row.flag("renewed")))
        .orElseThrow();
  }

  /**
   * Notes which branches were moved for a job whose bundle nobody has read yet, so that they can be
   * taken back.
   */
  public void noteMoves(Job job, BranchMoves.Outcome outcome) {
    JobMoves.note(catalog, job.jobId(), outcome);
  }

  /** The payload of a claimed job as it is now. */
  public JobPayload payload(Claim claim) {
    return find(claim.job().repoId(), claim.job().jobId())
        .map(Job::payload)
        .orElse(claim.job().payload());
  }

  /**
   * Checks that every branch that was moved for a job leads to a commit that the repository has,
   * now that the bundle is written.
   *
   * @throws SheafException of kind INVALID naming a branch that does not
   */
  public void requireMovesKnown(Claim claim) {
    JobMoves.firstUnknown(catalog, claim.job())
        .ifPresent(move -> {
          throw new SheafException(
              ErrorKind.INVALID,
              "the push moved branch %s to commit %s, which its bundle does not bring"
                  .formatted(move.getKey(), move.getValue()));
        });
  }

  /** Claims the oldest job of a repository that is not over, unless it runs already. */
  public Optional<Claim> claimNext(String repoId, Duration staleAfter) {
    Instant now = clock.instant();
    String token = ids.get();
    return catalog
        .execute(
            Statement.of(JobSql.CLAIM)
                .text("repo", repoId)
                .text("token", token)
                .text("now", now.toString())
                .text("stale", now.minus(staleAfter).toString()))
        .first()
        .map(row -> new Claim(JobSql.job(row), token));
  }

  /** When the job that runs in a repository was claimed; empty when none runs. */
  public Optional<Instant> runningSince(String repoId) {
    return catalog
        .execute(
            Statement.of(
                    "select "
                        + JobSql.COLUMNS
                        + " from jobs where repo_id = :repo and status = 'running' limit 1")
                .text("repo", repoId))
        .first()
        .map(JobSql::job)
        .map(Job::claimedAt);
  }

  /**
   * Ends a run that wrote everything, and marks its bundle as indexed; part of the transaction that
   * wrote it.
   *
   * @param result the report as JSON
   * @return whether the claim still held; if not, nothing was changed: roll back
   */
  public boolean finish(Claim claim, String result) {
    return catalog
        .execute(
            Statement.of(JobSql.FINISH)
                .text("job", claim.job().jobId())
                .text("token", claim.token())
                .text("result", result)
                .text("now", now()))
        .first()
        .isPresent();
  }

  /**
   * Ends a run that failed: the job goes back to pending, or to failed when the error is permanent
   * or this was the last attempt. A job that failed gives up its bundle, too, and takes back the
   * branches that were moved for it.
   *
   * @return the job's new status; empty when the claim no longer held and nothing was changed
   */
  public Optional<Job.Status> fail(Claim claim, String error, boolean permanent) {
    return catalog.transaction(transaction -> {
      // Branches move only under the repository's lock, and it is always taken first.
      BranchMoves.lock(transaction, claim.job().repoId());
      Optional<Job.Status> status =
          transaction
              .execute(
                  Statement.of(JobSql.FAIL)
                      .text("job", claim.job().jobId())
                      .text("token", claim.token())
                      .text("error", cut(error))
                      .flag("permanent", permanent)
                      .number("max_attempts", MAX_ATTEMPTS)
                      .text("now", now()))
              .first()
              .map(row -> Job.Status.ofColumn(row.text("status")));
      if (status.equals(Optional.of(Job.Status.FAILED))) {
        JobMoves.takeBack(transaction, claim.job(), clock.instant());
      }
      return status;
    });
  }

  /**
   * Puts a job whose run ended in time, with something done that the next run need not do again,
   * back into its lane: the run does not count as an attempt.
   *
   * @return whether the claim still held; if not, nothing was changed
   */
  public boolean postpone(Claim claim) {
    return catalog
        .execute(
            Statement.of(JobSql.POSTPONE)
                .text("job", claim.job().jobId())
                .text("token", claim.token()))
        .first()
        .isPresent();
  }

  private static String cut(String error) {
    String text = error.replace("\u0000", "");
    return text.length() <= ERROR_CHARACTERS ? text : text.substring(0, ERROR_CHARACTERS) + "...";
  }

  /** Puts a job that is over back into its lane, with no attempt counted; false if it is not. */
  public boolean retry(String repoId, String jobId) {
    return catalog
        .execute(Statement.of(JobSql.RETRY).text("repo", repoId).text("job", jobId))
        .first()
        .isPresent();
  }

  /** One job of a repository. */
  public Optional<Job> find(String repoId, String jobId) {
    return catalog
        .execute(
            Statement.of(
                    "select "
                        + JobSql.COLUMNS
                        + " from jobs where repo_id = :repo and job_id = :job")
                .text("repo", repoId)
                .text("job", jobId))
        .first()
        .map(JobSql::job);
  }

  /**
   * The jobs of a repository, newest first.
   *
   * @param limit how many at most; 100 is the most that is given
   */
  public List<Job> list(String repoId, int limit) {
    List<Job> jobs = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    "select "
                        + JobSql.COLUMNS
                        + " from jobs where repo_id = :repo order by seq desc limit :limit")
                .text("repo", repoId)
                .number("limit", Math.min(limit, LIST_LIMIT)))
        .forEach(row -> jobs.add(JobSql.job(row)));
    return jobs;
  }

  /** Whether a repository has jobs for other bundles than this one that are not over. */
  public boolean hasActiveBesides(String repoId, ContentId bundle) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select exists (select 1 from jobs
                      where repo_id = :repo and status in ('pending', 'running')
                        and bundle <> :bundle) as active
                    """)
                .text("repo", repoId)
                .text("bundle", bundle.hex()))
        .first()
        .orElseThrow()
        .flag("active");
  }

  private String now() {
    return clock.instant().toString();
  }
}
