package dev.sheaf.repository.job;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code jobs}.
 *
 * @param jobId its id
 * @param seq its number: a larger one came later
 * @param repoId the repository that it works on
 * @param bundle the bundle that it indexes, 64 hex digits
 * @param decision what it may do with branches and tags
 * @param status where it stands
 * @param attempt how many times it was begun
 * @param createdAt when it was enqueued
 * @param notBefore it is not begun before, since its upload is about to be announced
 * @param claimedAt when its present or last run began
 * @param doneAt when it ended, well or not
 * @param error why the last run failed; also set on a pending job that will be tried again
 * @param result the report of a job that is done, as JSON
 */
public record Job(
    String jobId,
    long seq,
    String repoId,
    String bundle,
    Decision decision,
    Status status,
    int attempt,
    Instant createdAt,
    @Nullable Instant notBefore,
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
      return name().toLowerCase(Locale.ROOT);
    }

    static Status ofColumn(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /** What was decided about the branches and tags of a push: once, whoever asks. */
  public enum Decision {
    /** Nobody announced the upload: the bundle's own branches move, fast-forward only. */
    BARE,
    /** Announced without branches: as {@link #BARE}. */
    OWN,
    /** Branches were moved before anybody had read the bundle; the job checks them. */
    MOVED,
    /** Those branches were taken back when the job failed, and are still to be moved. */
    OWED,
    /** Everything has been moved. */
    SETTLED,
    /** The push was refused: nothing of it becomes visible. */
    REFUSED;

    String column() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Decision ofColumn(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }
}
