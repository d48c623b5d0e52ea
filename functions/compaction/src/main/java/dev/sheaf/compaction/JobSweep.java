package dev.sheaf.compaction;

import dev.sheaf.repository.job.OverJobs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Deletes the rows of jobs that have been over for long. Costs one statement where there are none,
 * and is done when the catalog is awake anyway, or a day after this process did it last.
 */
final class JobSweep {
  private static final Duration EVERY = Duration.ofDays(1);

  private final Supplier<OverJobs> jobs;
  private final InstantSource clock;
  private final CatalogTurn turn;

  JobSweep(Supplier<OverJobs> jobs, InstantSource clock) {
    this.jobs = jobs;
    this.clock = clock;
    this.turn = new CatalogTurn(EVERY, clock);
  }

  /** The jobs that would be deleted now. Deletes nothing. */
  List<Map<String, Object>> plan() {
    return jobs.get().plan(clock.instant()).stream().map(JobSweep::toMap).toList();
  }

  private static Map<String, Object> toMap(OverJobs.Over job) {
    return Map.of(
        "job_id",
        job.jobId(),
        "repo_id",
        job.repoId(),
        "status",
        job.status(),
        "done_at",
        job.doneAt());
  }

  /**
   * Deletes what is to be deleted, some at most; the rest with the next run.
   *
   * @param isCatalogAwake whether somebody has just asked it something else
   * @return how many are gone
   */
  int run(boolean isCatalogAwake) {
    if (!turn.hasCome(isCatalogAwake)) {
      return 0;
    }
    Instant now = clock.instant();
    List<OverJobs.Over> planned = jobs.get().plan(now);
    int deleted = jobs.get().delete(planned, now);
    boolean mayBeMore = planned.size() == OverJobs.MOST_AT_A_TIME && deleted > 0;
    turn.comesAgainIn(mayBeMore ? Duration.ZERO : EVERY);
    return deleted;
  }
}
