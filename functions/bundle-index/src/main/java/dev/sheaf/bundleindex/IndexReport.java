package dev.sheaf.bundleindex;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.repository.intake.Phase;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import java.util.List;
import java.util.Locale;

/**
 * What a job did, as it is kept in its row and told in the log.
 *
 * <p>The counts say what is in the bundle, so that a second run reports the same; {@code
 * objects_put} and {@code objects_known} say what this run had to do.
 *
 * @param sizeBytes length of the bundle on the wire
 * @param objects distinct objects in the bundle
 * @param put objects put by this run
 * @param known objects that were not put because the repository had put them before
 * @param rejected branches that were not moved
 */
record IndexReport(
    long sizeBytes,
    IncomingHistory.Counts counts,
    int objects,
    int put,
    int known,
    List<BranchMoves.Rejection> rejected) {

  private static final ObjectMapper JSON = new ObjectMapper();

  IndexReport {
    rejected = List.copyOf(rejected);
  }

  /**
   * The result of a job, told within the transaction that ends it: of the job's requests only two
   * are to come then, the statement that takes the result and the commit.
   */
  String result(PhaseClock clock, RequestCounts requests) {
    ObjectNode json = fields(clock, requests);
    json.withObject("/requests")
        .put(
            RequestKind.CATALOG_STATEMENT.label(),
            requests.count(RequestKind.CATALOG_STATEMENT) + 1)
        .put(RequestKind.CATALOG_COMMIT.label(), requests.count(RequestKind.CATALOG_COMMIT) + 1);
    return json.toString();
  }

  /** The one line that the log has about a job that is done: JSON, its message readable alone. */
  String logLine(Job job, PhaseClock clock, RequestCounts requests) {
    ObjectNode line = JSON.createObjectNode();
    line.put("message", message(job, clock));
    line.put("event", "job");
    line.put("status", Job.Status.DONE.column());
    line.put("job_id", job.jobId());
    line.put("repo_id", job.repoId());
    line.put("bundle", job.bundle());
    line.put("attempt", job.attempt());
    line.setAll(fields(clock, requests));
    return line.toString();
  }

  /** The line about a run that failed. */
  static String failureLine(Job job, String status, String error) {
    ObjectNode line = JSON.createObjectNode();
    line.put("message", "[bundle.index] %s: %s  job=%s".formatted(status, error, job.jobId()));
    line.put("event", "job");
    line.put("status", status);
    line.put("job_id", job.jobId());
    line.put("repo_id", job.repoId());
    line.put("bundle", job.bundle());
    line.put("attempt", job.attempt());
    line.put("error", error);
    return line.toString();
  }

  /** The line that raises an alarm: an operator has to mend the site. */
  static String siteLine(Job job, String error) {
    ObjectNode line = JSON.createObjectNode();
    line.put("message", "[site] needs its operator: %s  job=%s".formatted(error, job.jobId()));
    line.put("event", "site-fault");
    line.put("job_id", job.jobId());
    line.put("error", error);
    return line.toString();
  }

  private String message(Job job, PhaseClock clock) {
    StringBuilder text = new StringBuilder("[bundle.index] done in ");
    text.append(rounded(clock.elapsedMillis())).append("ms ");
    for (Phase phase : Phase.values()) {
      text.append(' ').append(phase.label()).append('=');
      text.append(rounded(clock.millis(phase))).append("ms");
    }
    text.append("  snapshots=").append(counts.snapshots());
    text.append(" commits=").append(counts.commits());
    text.append(" objects=").append(objects);
    text.append(" refs=").append(counts.refs());
    text.append("  bundle=").append(Math.ceilDiv(sizeBytes, 1024)).append(" KB");
    return text.append("  job=").append(job.jobId()).toString();
  }

  private ObjectNode fields(PhaseClock clock, RequestCounts requests) {
    ObjectNode json = JSON.createObjectNode();
    json.put("commits_written", counts.commits());
    json.put("snapshots_written", counts.snapshots());
    json.put("objects_written", objects);
    json.put("object_refs_written", counts.refs());
    json.put("manifest_entries", counts.manifestEntries());
    json.put("objects_put", put);
    json.put("objects_known", known);
    json.put("bundle_size_bytes", sizeBytes);
    for (Phase phase : Phase.values()) {
      json.put(phase.label() + "_ms", tenths(clock.millis(phase)));
    }
    json.put("elapsed_ms", tenths(clock.elapsedMillis()));
    ObjectNode counted = json.putObject("requests");
    requests.asMap().forEach(counted::put);
    ArrayNode branches = json.putArray("branches_rejected");
    for (BranchMoves.Rejection rejection : rejected.subList(0, Math.min(100, rejected.size()))) {
      branches
          .addObject()
          .put("ref", rejection.ref())
          .put("present", rejection.present())
          .put("wanted", rejection.wanted());
    }
    return json;
  }

  private static String rounded(double millis) {
    return String.format(Locale.ROOT, "%.1f", millis);
  }

  private static double tenths(double millis) {
    return Math.round(millis * 10) / 10.0;
  }
}
