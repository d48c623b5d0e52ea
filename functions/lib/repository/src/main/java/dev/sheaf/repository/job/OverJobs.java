package dev.sheaf.repository.job;

import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Jobs that have been over for long: their rows go. Those stay that something still asks for: one
 * that waits for what it builds on, one that refs or proofs hang on, one of a git upload that has
 * not been deleted yet. That a bundle was taken in stays known by the bundle's own row, so that its
 * upload's event, however late, does nothing.
 */
public final class OverJobs {
  /** What {@link #plan} gives at most. */
  public static final int MOST_AT_A_TIME = 2_000;

  private static final String OVER =
      """
      j.status in ('done', 'failed') and j.done_at < :before::timestamptz and j.awaits is null
      and not exists (
        select 1 from git_refs g where g.repo_id = j.repo_id and g.job_id = j.job_id)
      and not exists (select 1 from object_proofs p where p.job_id = j.job_id)
      and (j.status = 'failed' or exists (
        select 1 from bundles b join repos r on r.repo_id = b.repo_id
        where b.repo_id = j.repo_id and b.bundle = j.bundle and b.state = 'indexed'
          and (r.kind is distinct from 'git' or b.expired_at is not null)))\
      """;

  private static final String DELETE =
      """
      with gone as (
        delete from jobs j using unnest(:jobs::text[]) as planned (job_id)
        where j.job_id = planned.job_id and %s
        returning j.job_id
      ), moves as (
        delete from job_moves m using gone g where m.job_id = g.job_id
      ), ref_moves as (
        delete from git_ref_moves m using gone g where m.job_id = g.job_id
      )
      select count(*) as deleted from gone
      """
          .formatted(OVER);

  private final Catalog catalog;
  private final Duration kept;

  /**
   * @param kept how long after its end a job is kept
   */
  public OverJobs(Catalog catalog, Duration kept) {
    this.catalog = catalog;
    this.kept = kept;
  }

  /** A job whose row can go. */
  public record Over(String jobId, String repoId, String status, String doneAt) {}

  /** What can go now, the oldest first, some at most. */
  public List<Over> plan(Instant now) {
    List<Over> over = new ArrayList<>();
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                    "select j.job_id, j.repo_id, j.status, j.done_at::text as done_at from jobs j"
                        + " where "
                        + OVER
                        + " order by j.done_at limit :limit")
                .text("before", before(now))
                .number("limit", MOST_AT_A_TIME))) {
      over.add(
          new Over(
              row.text("job_id"), row.text("repo_id"), row.text("status"), row.text("done_at")));
    }
    return over;
  }

  /**
   * Deletes what was planned, unless somebody needs it again since.
   *
   * @return how many are gone
   */
  public int delete(List<Over> planned, Instant now) {
    if (planned.isEmpty()) {
      return 0;
    }
    return (int)
        catalog
            .execute(
                Statement.of(DELETE)
                    .text("jobs", PgArray.texts(planned, Over::jobId))
                    .text("before", before(now)))
            .first()
            .orElseThrow()
            .number("deleted");
  }

  private String before(Instant now) {
    return now.minus(kept).toString();
  }
}
