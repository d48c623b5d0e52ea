package dev.sheaf.repository;

import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table {@code job_moves}: branches that were moved before anybody had read the bundle. */
final class JobMoves {
  private JobMoves() {}

  /** Notes the moves of a push; of two moves of a branch for one job the later counts. */
  static void note(Catalog catalog, String jobId, BranchMoves.Outcome outcome) {
    List<Map.Entry<String, String>> rows = List.copyOf(outcome.moved().entrySet());
    for (var batch : Batches.of(rows, row -> encodedBytes(row, outcome.previous()))) {
      catalog.execute(
          Statement.of(
                  """
                  insert into job_moves (job_id, branch, head_commit_id, previous_commit_id)
                  select :job, branch, head, previous
                  from unnest(:branches::text[], :heads::text[], :previous::text[])
                    as moves (branch, head, previous)
                  on conflict (job_id, branch) do update
                    set head_commit_id = excluded.head_commit_id,
                        previous_commit_id = excluded.previous_commit_id
                  """)
              .text("job", jobId)
              .text("branches", PgArray.texts(batch, Map.Entry::getKey))
              .text("heads", PgArray.texts(batch, Map.Entry::getValue))
              .text("previous", PgArray.texts(batch, row -> outcome.previous().get(row.getKey()))));
    }
  }

  private static long encodedBytes(Map.Entry<String, String> row, Map<String, String> previous) {
    return PgArray.encodedBytes(row.getKey())
        + PgArray.encodedBytes(row.getValue())
        + PgArray.encodedBytes(previous.get(row.getKey()));
  }

  /** A branch that was moved for the job to a commit that the repository still does not have. */
  static Optional<Map.Entry<String, String>> firstUnknown(Catalog catalog, Job job) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select branch, head_commit_id from job_moves m
                    where job_id = :job and not exists (
                      select 1 from commits c
                      where c.repo_id = :repo and c.commit_id = m.head_commit_id)
                    order by branch limit 1
                    """)
                .text("repo", job.repoId())
                .text("job", job.jobId()))
        .first()
        .map(row -> Map.entry(row.text("branch"), row.text("head_commit_id")));
  }

  /**
   * Gives the branches of a failed push back what they had, unless somebody has moved them on since
   * or the head has become known by other ways. Pushes that were built on this one, and are still
   * to be read, will fall back to where this one came from.
   */
  static void takeBack(Catalog transaction, Job job, Instant now) {
    transaction.execute(
        Statement.of(
                """
                with wrong as (
                  select m.branch, m.head_commit_id, m.previous_commit_id
                  from job_moves m
                  where m.job_id = :job and not exists (
                    select 1 from commits c
                    where c.repo_id = :repo and c.commit_id = m.head_commit_id)
                ), later as (
                  update job_moves l set previous_commit_id = w.previous_commit_id
                  from wrong w, jobs j
                  where j.repo_id = :repo and j.status in ('pending', 'running')
                    and l.job_id = j.job_id and l.job_id <> :job
                    and l.branch = w.branch and l.previous_commit_id = w.head_commit_id
                ), back as (
                  update branches b
                  set head_commit_id = w.previous_commit_id, updated_at = :now::timestamptz
                  from wrong w
                  where b.repo_id = :repo and b.name = w.branch
                    and b.head_commit_id = w.head_commit_id and w.previous_commit_id is not null
                )
                delete from branches b using wrong w
                where b.repo_id = :repo and b.name = w.branch
                  and b.head_commit_id = w.head_commit_id and w.previous_commit_id is null
                """)
            .text("job", job.jobId())
            .text("repo", job.repoId())
            .text("now", now.toString()));
  }
}
