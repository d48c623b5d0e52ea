package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.JsonDocuments;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.push.LaneWakeUp;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /jobs}, {@code GET /jobs/{id}} and {@code POST /jobs/{id}/retry}. */
public final class JobsRoutes {
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 100;

  private final Jobs jobs;
  private final LaneWakeUp wakeUp;

  public JobsRoutes(Jobs jobs, LaneWakeUp wakeUp) {
    this.jobs = jobs;
    this.wakeUp = wakeUp;
  }

  /** Answers {@code {jobs: [...]}}, newest first. */
  public Reply list(RepoCall call) {
    int limit = call.request().queryCount("limit", DEFAULT_LIMIT, MAX_LIMIT);
    return Reply.ok(
        Map.of(
            "jobs",
            jobs.list(call.repo().repoId(), limit).stream().map(JobsRoutes::fields).toList()));
  }

  /** Answers one job: status, attempt, error and result. */
  public Reply show(RepoCall call) {
    return Reply.ok(fields(find(call)));
  }

  /** Puts a job that is over back into its lane; one that waits there is woken up. */
  public Reply retry(RepoCall call) {
    Job job = find(call);
    boolean isWaiting = job.status() == Job.Status.PENDING;
    if (!isWaiting && job.decision() == Job.Decision.REFUSED) {
      throw HttpFailure.conflict(
          "push_refused",
          "job " + job.jobId() + " did nothing as its push was refused; announce the bundle again");
    }
    if (!isWaiting && !jobs.retry(call.repo().repoId(), job.jobId())) {
      throw HttpFailure.conflict(
          "job_not_over",
          "job " + job.jobId() + " is " + job.status().column() + "; it will run without a retry");
    }
    wakeUp.wake(job.repoId());
    return Reply.ok(fields(find(call)));
  }

  private Job find(RepoCall call) {
    String id = call.hole("id");
    call.request().log().put("job", id);
    return jobs.find(call.repo().repoId(), id)
        .orElseThrow(() ->
            HttpFailure.notFound(
                "job_not_found",
                "job " + id + " not found in " + call.repoName() + "; GET /jobs lists them"));
  }

  private static Map<String, @Nullable Object> fields(Job job) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("job_id", job.jobId());
    fields.put("job_type", Job.BUNDLE_INDEX);
    fields.put("bundle_key", ContentId.parse(job.bundle()).prefixed());
    fields.put("status", job.status().column());
    fields.put("attempt", job.attempt());
    fields.put("created_at", job.createdAt().toString());
    fields.put("claimed_at", text(job.claimedAt()));
    fields.put("done_at", text(job.doneAt()));
    fields.put("error", job.error());
    fields.put("result", result(job));
    return fields;
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private static @Nullable Object result(Job job) {
    if (job.result() == null) {
      return null;
    }
    try {
      return JsonDocuments.read(job.result().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("the result of job " + job.jobId() + " is no JSON", e);
    }
  }
}
