package dev.sheaf.repository;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code jobs}.
 *
 * @param jobId its id
 * @param repoId the repository that it works on
 * @param bundle the bundle that it indexes, 64 hex digits
 * @param payload what it is to do beyond the bundle
 * @param status where it stands
 * @param attempt how many times it was begun
 * @param createdAt when it was enqueued
 * @param claimedAt when its present or last run began
 * @param doneAt when it ended, well or not
 * @param error why the last run failed; also set on a pending job that will be tried again
 * @param result the report of a job that is done, as JSON
 */
public record Job(
    String jobId,
    String repoId,
    String bundle,
    JobPayload payload,
    Status status,
    int attempt,
    Instant createdAt,
    @Nullable Instant claimedAt,
    @Nullable Instant doneAt,
    @Nullable String error,
    @Nullable String result) {

  /** The type of all jobs so far. */
  public static final String BUNDLE_INDEX = "bundle.index";

  /** The life of a job: pending, running, then done or failed; a failed run may go back. */
  public enum Status {
    /** Waits for its turn. */
    PENDING,
    /** A worker has claimed it. */
    RUNNING,
    /** Everything that it had to write is written. */
    DONE,
    /** Given up; {@code error} says why. */
    FAILED;

    /** The text in the column. */
    public String column() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    static Status ofColumn(String text) {
      return valueOf(text.toUpperCase(java.util.Locale.ROOT));
    }
  }
}
