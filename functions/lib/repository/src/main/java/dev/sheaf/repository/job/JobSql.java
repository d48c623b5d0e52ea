package dev.sheaf.repository.job;

import dev.sheaf.repository.history.ObjectNames;
import dev.sheaf.storage.catalog.Rows;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The statements of {@link Jobs} and the form of its rows. Those that make jobs are executed while
 * the repository is locked, by a statement before them: one that waits for the lock itself still
 * sees what was there before it waited.
 */
final class JobSql {
  static final String COLUMNS =
      """
      job_id, seq, repo_id, bundle, decision, status, attempt,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
        to_char(not_before at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as not_before,
        to_char(claimed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as claimed_at,
        to_char(done_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as done_at,
        error, result::text as result\
      """;

  private static final String LAST =
      """
      last as (
        select * from jobs where repo_id = :repo and job_type = :type and bundle = :bundle
        order by seq desc limit 1
      )\
      """;

  /**
   * Registers the bundle of a job that is added, and reopens one that was given up. One that a peer
   * told of has a row, and gets its number.
   */
  private static final String REGISTERED =
      """
      counted as (
        update repos r set last_bundle_seq = r.last_bundle_seq + 1
        where repo_id = :repo and exists (select 1 from added)
          and not exists (select 1 from bundles
            where repo_id = :repo and bundle = :bundle and seq is not null)
        returning r.last_bundle_seq
      ), registered as (
        insert into bundles (repo_id, bundle, seq, size_bytes, state, registered_at)
        select :repo, :bundle, last_bundle_seq, :size, 'pending', :now::timestamptz from counted
        on conflict (repo_id, bundle) do update
          set seq = excluded.seq, size_bytes = excluded.size_bytes, state = excluded.state,
              registered_at = excluded.registered_at
      ), reopened as (
        update bundles set state = 'pending'
        where repo_id = :repo and bundle = :bundle and state = 'failed'
          and exists (select 1 from added)
      )\
      """;

  /** The row of a repository, with what was done to the active job of a bundle. */
  static final String NOTED =
      """
      with noted as (
        update jobs j set upload_id = :upload from repos r
        where r.owner = :owner and r.name = :name and j.repo_id = r.repo_id
          and j.job_type = :type and j.bundle = :bundle and j.status in ('pending', 'running')
        returning 1
      )
      select repo_id, owner, name, shown, public, default_branch, kind,
        exists (select 1 from noted) as noted
      from repos where owner = :owner and name = :name
      """;

  /**
   * An upload's event. Of a bundle that a peer told of the job moves no branch, at no attempt:
   * those come from there. No job is made when there is one that is not over or done; nor when the
   * last one failed on this very upload or the upload was refused, which is known by its event, or
   * by {@code :stored}, when the object now in the store was written; nor of a bundle that was
   * taken in so long ago that its job is gone. One row: {@code asks} says that {@code :stored} is
   * needed; the columns of the job are null when there is none.
   */
  static final String UPLOADED =
      """
      with %1$s, foretold as (
        select presigned_at, refused_upload from uploads
        where repo_id = :repo and bundle = :bundle
      ), decided as (
        select refused_upload as upload from foretold where refused_upload is not null
        union
        select uploaded_at from last where status = 'failed' and uploaded_at is not null
      ), wanted as (
        select 1 where not exists (
          select 1 from last where status <> 'failed' or upload_id = :upload)
        and (exists (select 1 from last) or not exists (select 1 from bundles
          where repo_id = :repo and bundle = :bundle and state = 'indexed'))
      ), added as (
        insert into jobs (job_id, repo_id, job_type, bundle, status, decision, upload_id, not_before,
          created_at)
        select :new_id, :repo, :type, :bundle, 'pending',
          case when exists (select 1 from bundles
              where repo_id = :repo and bundle = :bundle and state = 'awaited')
            or exists (select 1 from last where decision = 'settled')
            then 'settled' else 'bare' end,
          :upload,
          (select :not_before::timestamptz from foretold where presigned_at is not null),
          :now::timestamptz
        from wanted where not exists (
          select 1 from decided
          where :stored::timestamptz is null or upload >= :stored::timestamptz)
        returning *
      ), known as (
        update jobs j set upload_id = :upload
        from last l where j.job_id = l.job_id and l.status in ('pending', 'running')
        returning j.*
      ), %2$s, job as (
        select * from added union all select * from known
        union all select * from last where status in ('done', 'failed')
          and not exists (select 1 from added)
      )
      select exists (select 1 from wanted) and exists (select 1 from decided)
          and :stored::timestamptz is null as asks, %3$s
      from (select 1) as one left join job on true
      """
          .formatted(LAST, REGISTERED, COLUMNS);

  /**
   * An announcement that was accepted: what it decides holds for the job that there is, or for a
   * new one. A job that is done stays so. {@code first_seq} is the oldest announced job of the
   * bundle.
   */
  static final String ANNOUNCED =
      """
      with %1$s, foretold as (
        delete from uploads where repo_id = :repo and bundle = :bundle
        returning refused_upload
      ), added as (
        insert into jobs (job_id, repo_id, job_type, bundle, status, decision, uploaded_at,
          created_at)
        select :new_id, :repo, :type, :bundle, 'pending', :decision,
          :uploaded::timestamptz, :now::timestamptz
        where not exists (select 1 from last where status <> 'failed')
        returning *
      ), merged as (
        update jobs j set not_before = null,
          uploaded_at = :uploaded::timestamptz,
          decision = case
            when :decision = 'moved' or j.decision in ('bare', 'own', 'refused') then :decision
            else j.decision end
        from last l where j.job_id = l.job_id and l.status in ('pending', 'running')
        returning j.*
      ), %2$s, job as (
        select * from added union all select * from merged
        union all select * from last where status = 'done'
      )
      select %3$s,
        exists (select 1 from last where status in ('pending', 'failed'))
          or exists (select 1 from foretold where refused_upload is not null) as wakes,
        (select min(seq) from jobs
          where repo_id = :repo and bundle = :bundle and decision <> 'bare') as first_seq
      from job
      """
          .formatted(LAST, REGISTERED, COLUMNS);

  /**
   * The oldest job of the lane that may run, if its worker is dead or none runs. Not "skip locked":
   * an announcement that adds to the job holds its row for a moment, and a worker that found
   * nothing would be done with the only message for it.
   */
  static final String CLAIM =
      """
      with claimed as (
        update jobs set status = 'running', attempt = attempt + 1, claim_token = :token,
          claimed_at = :now::timestamptz
        where job_id = (
          select job_id from jobs
          where job_id = (
              select job_id from jobs
              where repo_id = :repo and (status = 'running'
                or status = 'pending' and coalesce(not_before <= :now::timestamptz, true))
              order by status = 'running' desc, seq limit 1)
            and attempt < :max_attempts
            and (status = 'pending' and coalesce(not_before <= :now::timestamptz, true)
              or status = 'running' and claimed_at < :stale::timestamptz)
          for update)
        returning *
      )
      select %s, owner, name, shown, public, default_branch, kind
      from claimed left join
        (select repo_id, owner, name, shown, public, default_branch, kind from repos) r
        using (repo_id)
      """
          .formatted(COLUMNS);

  /** The job that a lane waits for. */
  static final String AHEAD =
      """
      select %s, claim_token from jobs
      where repo_id = :repo and status in ('pending', 'running')
      order by status = 'running' desc, not_before nulls first, seq limit 1
      """
          .formatted(COLUMNS);

  /**
   * Jobs that failed as something was missing which is here now go back into their lane, unless
   * their bundle has a later job.
   */
  private static final String REVIVED =
      """
      revived as (
        update jobs j set status = 'pending', attempt = 0, error = null, done_at = null,
          awaits = null
        from finished f
        where j.repo_id = f.repo_id and j.status = 'failed' and j.awaits is not null
          and (exists (select 1 from commits c
              where c.repo_id = j.repo_id and c.commit_id = j.awaits)
            or exists (select 1 from snapshots s
              where s.repo_id = j.repo_id and s.snapshot_id = j.awaits)
            or exists (select 1 from object_refs r
              where r.repo_id = j.repo_id and r.object_id = j.awaits))
          and not exists (select 1 from jobs l
            where l.repo_id = j.repo_id and l.bundle = j.bundle and l.seq > j.seq)
        returning j.repo_id, j.bundle
      ), reopened as (
        update bundles b set state = 'pending'
        from revived r where b.repo_id = r.repo_id and b.bundle = r.bundle and b.state = 'failed'
      )\
      """;

  static final String FINISH =
      """
      with finished as (
        update jobs set status = 'done', claim_token = null, done_at = :now::timestamptz,
          error = null, result = :result::jsonb, decision = 'settled'
        where job_id = :job and claim_token = :token
          and (:decision::text is null or decision = :decision)
        returning job_id, repo_id, bundle
      ), indexed as (
        update bundles b set state = 'indexed'
        from finished f where b.repo_id = f.repo_id and b.bundle = f.bundle
      ), %s
      select exists (select 1 from finished) as held,
        exists (select 1 from revived)
          or exists (select 1 from jobs where repo_id = :repo and job_id <> :job
            and status in ('pending', 'running')) as more
      """
          .formatted(REVIVED);

  static final String FINISH_UNCLAIMED =
      """
      with finished as (
        update jobs set status = 'done', done_at = :now::timestamptz, error = null,
          result = :result::jsonb
        where job_id = :job and status = 'pending'
        returning repo_id, bundle
      ), %s
      update bundles b set state = 'indexed'
      from finished f where b.repo_id = f.repo_id and b.bundle = f.bundle
      """
          .formatted(REVIVED);

  static final String FAIL =
      """
      with ended as (
        update jobs set claim_token = null, error = :error, awaits = :awaits,
          status = case when :permanent or attempt >= :max_attempts then 'failed' else 'pending' end,
          done_at = case when :permanent or attempt >= :max_attempts then :now::timestamptz end
        where job_id = :job and claim_token = :token
        returning status, repo_id, bundle
      ), given_up as (
        update bundles b set state = 'failed'
        from ended e
        where e.status = 'failed' and b.repo_id = e.repo_id and b.bundle = e.bundle
          and b.state = 'pending'
      ), unproven as (
        delete from object_proofs p
        using ended e where e.status = 'failed' and p.job_id = :job
        returning p.object_id
      ), dropped as (
        %s
      )
      select status from ended
      """
          .formatted(ObjectNames.dropped("unproven"));

  static final String POSTPONE =
      """
      update jobs set status = 'pending', claim_token = null, attempt = attempt - 1
      where job_id = :job and claim_token = :token
      returning job_id
      """;

  /** What was done is settled: run again, it moves nothing. */
  static final String RETRY =
      """
      with again as (
        update jobs set status = 'pending', attempt = 0, error = null, done_at = null, result = null,
          awaits = null, decision = case status when 'done' then 'settled' else decision end
        where repo_id = :repo and job_id = :job and status in ('done', 'failed')
          and decision <> 'refused'
        returning job_id, repo_id, bundle
      ), reopened as (
        update bundles b set state = 'pending'
        from again a where b.repo_id = a.repo_id and b.bundle = a.bundle and b.state = 'failed'
      )
      select job_id from again
      """;

  /**
   * Workers that are known to be dead have not been the jobs' fault: the attempt does not count.
   */
  static final String RELEASE =
      """
      update jobs set status = 'pending', claim_token = null, attempt = greatest(attempt - 1, 0)
      where status = 'running'
      """;

  private JobSql() {}

  static Job job(Rows.Row row) {
    return new Job(
        row.text("job_id"),
        row.number("seq"),
        row.text("repo_id"),
        row.text("bundle"),
        Job.Decision.ofColumn(row.text("decision")),
        Job.Status.ofColumn(row.text("status")),
        (int) row.number("attempt"),
        Instant.parse(row.text("created_at")),
        instant(row.textOrNull("not_before")),
        instant(row.textOrNull("claimed_at")),
        instant(row.textOrNull("done_at")),
        row.textOrNull("error"),
        row.textOrNull("result"));
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
