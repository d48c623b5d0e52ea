package dev.sheaf.repository.job;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.GitRefMoves;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.JobMoves;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.history.BuildsOnException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How jobs are run: claimed, ended, given up. What each does is said at {@link Jobs}. */
final class JobClaims {
  private final Catalog catalog;
  private final Instant now;
  private final SiteLog log;

  JobClaims(Catalog catalog, Instant now, SiteLog log) {
    this.catalog = catalog;
    this.now = now;
    this.log = log;
  }

  Optional<Jobs.Claim> claimNext(String repoId, String token, Duration staleAfter) {
    try {
      return catalog
          .execute(
              Statement.of(JobSql.CLAIM)
                  .text("repo", repoId)
                  .text("token", token)
                  .number("max_attempts", Jobs.MAX_ATTEMPTS)
                  .text("now", now.toString())
                  .text("stale", now.minus(staleAfter).toString()))
          .first()
          .map(row -> new Jobs.Claim(JobSql.job(row), token, repo(row)));
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.CONFLICT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Optional<Repo> repo(Rows.Row row) {
    return row.textOrNull("owner") == null ? Optional.empty() : Optional.of(Repos.repo(row));
  }

  Jobs.Ahead ahead(String repoId, Duration staleAfter) {
    return catalog
        .execute(Statement.of(JobSql.AHEAD).text("repo", repoId))
        .first()
        .map(row -> ahead(JobSql.job(row), row.textOrNull("claim_token"), staleAfter))
        .orElseGet(Jobs.Ahead.Nothing::new);
  }

  private Jobs.Ahead ahead(Job job, @Nullable String token, Duration staleAfter) {
    Instant claimed = job.claimedAt();
    if (token == null || claimed == null) {
      Instant notBefore = job.notBefore();
      return new Jobs.Ahead.Until(notBefore == null ? now : notBefore);
    }
    Instant stale = claimed.plus(staleAfter);
    return job.attempt() >= Jobs.MAX_ATTEMPTS && stale.isBefore(now)
        ? new Jobs.Ahead.Vanished(new Jobs.Claim(job, token, Optional.empty()))
        : new Jobs.Ahead.Until(stale);
  }

  /**
   * @param decision null when it makes no difference
   */
  Jobs.Ended finish(Jobs.Claim claim, String result, Job.@Nullable Decision decision) {
    Rows.Row row =
        catalog
            .execute(
                Statement.of(JobSql.FINISH)
                    .text("job", claim.job().jobId())
                    .text("repo", claim.job().repoId())
                    .text("token", claim.token())
                    .text("decision", decision == null ? null : decision.column())
                    .text("result", result)
                    .text("now", now.toString()))
            .first()
            .orElseThrow();
    if (!row.flag("held")) {
      return Jobs.Ended.NOT;
    }
    return row.flag("more") ? Jobs.Ended.LANE_WAITS : Jobs.Ended.LANE_EMPTY;
  }

  void finishUnclaimed(Job job, String result) {
    catalog.execute(
        Statement.of(JobSql.FINISH_UNCLAIMED)
            .text("job", job.jobId())
            .text("result", result)
            .text("now", now.toString()));
  }

  Optional<Job.Status> fail(
      Jobs.Claim claim,
      String error,
      boolean permanent,
      @Nullable String awaits,
      Consumer<Job> givenUp) {
    // Branches move only under the repository's lock, and it is always taken first.
    return BranchMoves.transaction(
        catalog,
        claim.job().repoId(),
        log,
        moves -> {
          Optional<Job.Status> status = fail(moves.transaction(), claim, error, permanent, awaits);
          if (status.equals(Optional.of(Job.Status.FAILED))) {
            JobMoves.takeBack(
                moves, claim.job().repoId(), claim.job().jobId(), claim.job().seq(), now);
            givenUp.accept(claim.job());
          }
          return status;
        });
  }

  private Optional<Job.Status> fail(
      Catalog transaction,
      Jobs.Claim claim,
      String error,
      boolean permanent,
      @Nullable String awaits) {
    Optional<Job.Status> status =
        transaction
            .execute(
                Statement.of(JobSql.FAIL)
                    .text("job", claim.job().jobId())
                    .text("token", claim.token())
                    .text("error", Jobs.cut(error))
                    .text("awaits", awaits)
                    .flag("permanent", permanent)
                    .number("max_attempts", Jobs.MAX_ATTEMPTS)
                    .text("now", now.toString()))
            .first()
            .map(row -> Job.Status.ofColumn(row.text("status")));
    if (status.equals(Optional.of(Job.Status.FAILED))) {
      GitRefMoves.takeBack(transaction, claim.job().repoId(), claim.job().jobId(), now);
    }
    return status;
  }

  Optional<Job.Status> failUntilArrival(Jobs.Claim claim, BuildsOnException failure) {
    return catalog.transaction(transaction -> {
      GitState state = GitState.lock(transaction, claim.job().repoId());
      if (state.sequence() != failure.sequence()) {
        return new JobClaims(transaction, now, log).postpone(claim)
            ? Optional.of(Job.Status.PENDING)
            : Optional.empty();
      }
      boolean isAnnounced =
          claim.job().decision() != Job.Decision.BARE && claim.job().decision() != Job.Decision.OWN;
      return fail(
          transaction,
          claim,
          String.valueOf(failure.getMessage()),
          true,
          isAnnounced ? null : failure.missing().name());
    });
  }

  boolean postpone(Jobs.Claim claim) {
    return catalog
        .execute(
            Statement.of(JobSql.POSTPONE)
                .text("job", claim.job().jobId())
                .text("token", claim.token()))
        .first()
        .isPresent();
  }
}
