package dev.sheaf.bundleindex;

/** Says that another worker has taken a job over: this one's run counts for nothing. */
final class LostClaimException extends RuntimeException {
  private static final long serialVersionUID = 1;

  LostClaimException(String jobId) {
    super("job " + jobId + " was taken over by another worker; nothing was written");
  }
}
