package dev.sheaf.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Rows;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The statements of {@link Jobs} and the form of its rows. */
final class JobSql {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final String COLUMNS =
      """
      job_id, repo_id, bundle, payload::text as payload, status, attempt,
        to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
        to_char(claimed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as claimed_at,
        to_char(done_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as done_at,
        error, result::text as result\
      """;

  /** What a new payload adds to that of a job that exists. */
  private static final String MERGED =
      """
      jobs.payload || jsonb_build_object(
        'announced', jobs.payload -> 'announced' = 'true' or :payload::jsonb -> 'announced' = 'true',
        'force', jobs.payload -> 'force' = 'true' or :payload::jsonb -> 'force' = 'true',
        'upload_id', coalesce(:upload, jobs.payload ->> 'upload_id'))\
      """;

  /**
   * Yields the job that exists afterwards. Every row is written from the locked repository, so that
   * its lock is taken first, as everywhere: otherwise two that enqueue one bundle may each hold
   * what the other waits for.
   */
  static final String ENQUEUE =
      """
      with locked as (
        select repo_id, last_bundle_seq from repos where repo_id = :repo for update
      ), bundle as (
        select state from bundles where repo_id = :repo and bundle = :bundle
      ), counted as (
        update repos r set last_bundle_seq = r.last_bundle_seq + 1
        from locked l where r.repo_id = l.repo_id and not exists (select 1 from bundle)
        returning r.last_bundle_seq
      ), registered as (
        insert into bundles (repo_id, bundle, seq, size_bytes, state, registered_at)
        select :repo, :bundle, last_bundle_seq, :size, 'pending', :now::timestamptz from counted
        on conflict do nothing
      ), last as (
        select * from jobs where repo_id = :repo and job_type = :type and bundle = :bundle
        order by seq desc limit 1
      ), added as (
        insert into jobs (job_id, repo_id, job_type, bundle, payload, status, created_at)
        select :new_id, repo_id, :type, :bundle, :payload::jsonb, 'pending', :now::timestamptz
        from locked where not exists (
          select 1 from last
          where status = 'done' or (status = 'failed' and payload ->> 'upload_id' = :upload))
        on conflict (repo_id, job_type, bundle) where status in ('pending', 'running')
          do update set payload = %2$s
        returning *
      ), reopened as (
        update bundles b set state = 'pending'
        from locked l where b.repo_id = l.repo_id and b.bundle = :bundle and b.state = 'failed'
          and exists (select 1 from added)
      )
      select %1$s, exists (select 1 from last where status = 'failed') as renewed from added
      union all
      select %1$s, false as renewed from last where not exists (select 1 from added)
      """
          .formatted(COLUMNS, MERGED);

  /**
   * The oldest job of the lane, if it waits or its worker is dead; nothing while it runs. Not "skip
   * locked": an announcement that adds to the job holds its row for a moment, and a worker that
   * found nothing would be done with the only message for it.
   */
  static final String CLAIM =
      """
      update jobs set status = 'running', attempt = attempt + 1, claim_token = :token,
        claimed_at = :now::timestamptz
      where job_id = (
        select job_id from jobs
        where job_id = (
            select job_id from jobs
            where repo_id = :repo and status in ('pending', 'running') order by seq limit 1)
          and (status = 'pending' or status = 'running' and claimed_at < :stale::timestamptz)
        for update)
      returning %s
      """
          .formatted(COLUMNS);

  static final String FINISH =
      """
      with finished as (
        update jobs set status = 'done', claim_token = null, done_at = :now::timestamptz,
          error = null, result = :result::jsonb
        where job_id = :job and claim_token = :token
        returning job_id, repo_id, bundle
      ), indexed as (
        update bundles b set state = 'indexed'
        from finished f where b.repo_id = f.repo_id and b.bundle = f.bundle
      )
      select job_id from finished
      """;

  static final String FAIL =
      """
      with ended as (
        update jobs set claim_token = null, error = :error,
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
      )
      select status from ended
      """;

  static final String POSTPONE =
      """
      update jobs set status = 'pending', claim_token = null, attempt = attempt - 1
      where job_id = :job and claim_token = :token
      returning job_id
      """;

  static final String RETRY =
      """
      with again as (
        update jobs set status = 'pending', attempt = 0, error = null, done_at = null, result = null
        where repo_id = :repo and job_id = :job and status in ('done', 'failed')
        returning job_id, repo_id, bundle
      ), reopened as (
        update bundles b set state = 'pending'
        from again a where b.repo_id = a.repo_id and b.bundle = a.bundle and b.state = 'failed'
      )
      select job_id from again
      """;

  private JobSql() {}

  static String json(JobPayload payload) {
    ObjectNode json = JSON.createObjectNode();
    json.put("announced", payload.announced());
    json.put("force", payload.force());
    json.put("upload_id", payload.uploadId());
    return json.toString();
  }

  static Job job(Rows.Row row) {
    return new Job(
        row.text("job_id"),
        row.text("repo_id"),
        row.text("bundle"),
        payload(row.text("payload")),
        Job.Status.ofColumn(row.text("status")),
        (int) row.number("attempt"),
        Instant.parse(row.text("created_at")),
        instant(row.textOrNull("claimed_at")),
        instant(row.textOrNull("done_at")),
        row.textOrNull("error"),
        row.textOrNull("result"));
  }

  private static JobPayload payload(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      return new JobPayload(
          json.path("announced").asBoolean(),
          json.path("force").asBoolean(),
          json.path("upload_id").textValue());
    } catch (JsonProcessingException e) {
      throw new SheafException(ErrorKind.CORRUPT, "a job's payload is no JSON: " + text, e);
    }
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
