package dev.sheaf.repository.job;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.JobMoves;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.history.BuildsOnException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The table {@code jobs}: a lane of jobs per repository, of which the oldest that may run does.
 *
 * <p>A job is pending until a worker claims it. A claim has a token; whoever finishes or fails a
 * job must hold the token that is in the row, so a worker that was taken for dead and comes back
 * late changes nothing. A claim older than {@code staleAfter} may be taken over.
 */
public final class Jobs {
  /** A job is given up at the end of this many runs. */
  public static final int MAX_ATTEMPTS = 3;

  private static final int ERROR_CHARACTERS = 2_000;

  private final Catalog catalog;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final SiteLog log;

  /** Of a site that nobody follows. */
  public Jobs(Catalog catalog, InstantSource clock, Supplier<String> ids) {
    this(catalog, clock, ids, SiteLog.OFF);
  }

  /**
   * @param ids makes job ids and claim tokens; never the same text twice
   * @param log tells of branches that are taken back
   */
  public Jobs(Catalog catalog, InstantSource clock, Supplier<String> ids, SiteLog log) {
    this.catalog = catalog;
    this.clock = clock;
    this.ids = ids;
    this.log = log;
  }

  /** The same jobs inside a transaction. */
  public Jobs in(Catalog transaction) {
    return new Jobs(transaction, clock, ids, log);
  }

  /**
   * A job to run, held by its token.
   *
   * @param job the row as claimed: running, with the attempt counted
   * @param repo the repository that it works on, as far as it was asked for and exists
   */
  public record Claim(Job job, String token, Optional<Repo> repo) {}

  /**
   * An upload, as its event tells of it.
   *
   * @param uploadId what tells one upload of a bundle from the next (S3's sequencer)
   */
  public record Upload(ContentId bundle, long sizeBytes, String uploadId) {}

  /**
   * The job of an announced bundle.
   *
   * @param wakesLane whether the upload's event may have come and gone, so that nothing but a
   *     message sent now makes a worker look
   * @param firstSeq the seq of the first job for which the bundle was announced
   */
  public record Announced(Job job, boolean wakesLane, long firstSeq) {}

  /**
   * What an upload's event found.
   *
   * @param repo the repository at that name, if there is one
   * @param hasJob whether a job of the bundle waits or runs
   */
  public record Noted(Optional<Repo> repo, boolean hasJob) {}

  /**
   * Notes an upload's event with the job that waits or runs for its bundle. Most uploads were
   * announced, and nothing else has to be done for them: this one statement spares them the lock.
   */
  public Noted noted(String owner, String name, Upload upload) {
    return entries().noted(owner, name, upload);
  }

  /**
   * Makes sure that an upload is or will be indexed, and registers the bundle with its repository.
   *
   * <p>An upload's event and the call that announces the push may come in either order, each any
   * number of times, and share one job. One that is about to be announced waits for that a moment;
   * after that it counts as one that nobody announces.
   *
   * @param storedAt when the object that is in the store now was written, by the store's clock;
   *     asked for only when an earlier upload of this bundle failed or was refused: an event of
   *     that upload moves nothing any more
   * @return the job of the bundle, which may be over already; empty for an upload that was refused,
   *     or whose job was over so long ago that its row is gone
   */
  public Optional<Job> uploaded(
      String repoId, Upload upload, Supplier<Optional<Instant>> storedAt) {
    return entries().uploaded(repoId, upload, storedAt);
  }

  /**
   * Makes sure that an announced bundle is or will be indexed, by a job that does with branches
   * what was decided here. In a transaction that holds the repository's lock.
   *
   * @param uploadedAt when the store says that it was written
   */
  public Announced announced(
      String repoId, ContentId bundle, long sizeBytes, Job.Decision decision, Instant uploadedAt) {
    return entries().announced(repoId, bundle, sizeBytes, decision, uploadedAt);
  }

  private JobEntries entries() {
    return new JobEntries(catalog, clock.instant(), ids.get());
  }

  /**
   * Notes which branches were moved for a job whose bundle nobody has read yet, so that they can be
   * checked, or taken back.
   */
  public void noteMoves(Job job, BranchMoves.Outcome outcome, boolean forced) {
    JobMoves.note(catalog, job.jobId(), outcome, forced);
  }

  /**
   * Does with branches what was decided for a claimed job, now that its bundle's commits are
   * written; the decision is read again, as it may have been made since the claim.
   *
   * @param history what the bundle says
   * @return what the bundle named itself and may not be moved
   * @throws NotFastForwardException when an announced push turns out to leave where a branch was
   * @throws SheafException of kind INVALID when the push was refused, or leads nowhere
   */
  public List<BranchMoves.Rejection> moveRefs(Claim claim, History history, BranchMoves moves) {
    Job present =
        find(claim.job().repoId(), claim.job().jobId())
            .orElseThrow(() ->
                new SheafException(
                    ErrorKind.CORRUPT, "job " + claim.job().jobId() + " no longer exists"));
    return new JobRefs(catalog, present, history, moves, clock.instant()).move();
  }

  /**
   * Claims the oldest job of a repository that may run, unless one runs already.
   *
   * @return empty also when another worker was faster
   */
  public Optional<Claim> claimNext(String repoId, Duration staleAfter) {
    return claims().claimNext(repoId, ids.get(), staleAfter);
  }

  private JobClaims claims() {
    return new JobClaims(catalog, clock.instant(), log);
  }

  /** What a lane without a job to claim waits for. */
  public sealed interface Ahead {
    /** No job is left. */
    record Nothing() implements Ahead {}

    /** A job runs, or waits to be announced; there will be something to do then. */
    record Until(Instant when) implements Ahead {}

    /** A job whose workers have all vanished: it has to be given up. */
    record Vanished(Claim claim) implements Ahead {}
  }

  /** Why nothing could be claimed. */
  public Ahead ahead(String repoId, Duration staleAfter) {
    return claims().ahead(repoId, staleAfter);
  }

  /** What the end of a run came to. */
  public enum Ended {
    /** The claim no longer held: nothing was changed, roll back. */
    NOT,
    /** It was the last job of its lane: whoever adds another one sends a message for it. */
    LANE_EMPTY,
    /** The lane has further jobs. */
    LANE_WAITS
  }

  /**
   * Ends a run that wrote everything, and marks its bundle as indexed; part of the transaction that
   * wrote it and holds the repository's lock, without which nobody adds a job. What it brought is
   * written: jobs that waited for that go on.
   *
   * @param result the report as JSON
   */
  public Ended finish(Claim claim, String result) {
    return claims().finish(claim, result, null);
  }

  /**
   * {@link #finish} of a job that was claimed with all branches moved, if that is still so: an
   * announcement may have come since.
   *
   * @return {@link Ended#NOT} also when it is not
   */
  public Ended finishSettled(Claim claim, String result) {
    return claims().finish(claim, result, Job.Decision.SETTLED);
  }

  /** {@link #fail(Claim, String, boolean, Consumer)} of a job that nobody else has to know of. */
  public Optional<Job.Status> fail(Claim claim, String error, boolean permanent) {
    return fail(claim, error, permanent, _ -> {});
  }

  /**
   * Ends a job for good whose bundle builds on what its repository does not have. Should a job
   * bring it after all, this one goes back into the lane.
   *
   * @param missing the id of a commit, a snapshot or an object
   */
  public Optional<Job.Status> failWithout(Claim claim, String missing, String error) {
    return claims().fail(claim, error, true, missing, _ -> {});
  }

  /**
   * Ends the run of a git bundle that builds on what is not here: the job fails, and goes back into
   * its lane when that arrives. Pushes that were announced are refused for good.
   *
   * @return as {@link #fail}; pending when something has arrived since the run looked
   */
  public Optional<Job.Status> failUntilArrival(Claim claim, BuildsOnException failure) {
    return claims().failUntilArrival(claim, failure);
  }

  /**
   * Ends a job that no worker has begun, because its bundle was taken in whole; part of the
   * transaction that did. One that has begun or is over stays as it is.
   *
   * @param result the report as JSON
   */
  public void finishUnclaimed(Job job, String result) {
    claims().finishUnclaimed(job, result);
  }

  /**
   * Ends a run that failed: the job goes back to pending, or to failed when the error is permanent
   * or this was the last attempt. A job that failed gives up its bundle, too, and takes back the
   * branches that were moved for it.
   *
   * @param givenUp told of a job that failed, before that is committed: if it throws, the job stays
   *     as it is, and is given up by whoever finds its claim stale
   * @return the job's new status; empty when the claim no longer held and nothing was changed
   */
  public Optional<Job.Status> fail(
      Claim claim, String error, boolean permanent, Consumer<Job> givenUp) {
    return claims().fail(claim, error, permanent, null, givenUp);
  }

  /**
   * Puts a job whose run ended in time, with something done that the next run need not do again,
   * back into its lane: the run does not count as an attempt.
   *
   * @return whether the claim still held; if not, nothing was changed
   */
  public boolean postpone(Claim claim) {
    return claims().postpone(claim);
  }

  /** An error as far as it is kept. */
  public static String cut(String error) {
    String text = error.replace("\u0000", "");
    return text.length() <= ERROR_CHARACTERS ? text : text.substring(0, ERROR_CHARACTERS) + "...";
  }

  /**
   * Puts a job that is over back into its lane, with no attempt counted. It does what its push had
   * asked for, unless that was done, or was refused.
   *
   * @return whether it is in its lane now; false for one that is not over, or was refused
   */
  public boolean retry(String repoId, String jobId) {
    return BranchMoves.transaction(
        catalog,
        repoId,
        SiteLog.OFF,
        moves ->
            moves
                .transaction()
                .execute(Statement.of(JobSql.RETRY).text("repo", repoId).text("job", jobId))
                .first()
                .isPresent());
  }

  /**
   * Puts every running job back into its lane, for a site whose workers are all known to be dead:
   * at the start of one that runs in a single process.
   */
  public void releaseAll() {
    catalog.execute(Statement.of(JobSql.RELEASE));
  }

  /** Repositories with jobs that are not over, some at most: those that have waited longest. */
  public List<String> activeRepos() {
    return lookups().activeRepos();
  }

  /** One job of a repository. */
  public Optional<Job> find(String repoId, String jobId) {
    return lookups().find(repoId, jobId);
  }

  /**
   * The jobs of a repository, newest first.
   *
   * @param limit how many at most; 100 is the most that is given
   */
  public List<Job> list(String repoId, int limit) {
    return lookups().list(repoId, limit);
  }

  /** The upload that a job is for, as far as the catalog knows. */
  public Upload upload(Job job) {
    return lookups().upload(job);
  }

  /** Whether a repository has jobs for other bundles than this one that are not over. */
  public boolean hasActiveBesides(String repoId, ContentId bundle) {
    return lookups().hasActiveBesides(repoId, bundle);
  }

  private JobLookups lookups() {
    return new JobLookups(catalog);
  }
}
