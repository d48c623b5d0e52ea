package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.MovedOnException;
import dev.sheaf.repository.NotFastForwardException;

/** Which errors end a job at once, and how an error reads in its row. */
final class Failures {
  private Failures() {}

  /**
   * Whether the bundle is at fault, so that every further run would fail as well. Everything else,
   * a missing permission or bucket included, may be set right before the next run.
   */
  static boolean isPermanent(Throwable failure) {
    if (!(failure instanceof SheafException sheaf)) {
      return false;
    }
    if (failure instanceof NotFastForwardException || failure instanceof MovedOnException) {
      return true;
    }
    ErrorKind kind = sheaf.kind();
    return kind == ErrorKind.INVALID || kind == ErrorKind.TOO_LARGE;
  }

  /** Whether an operator has to mend the site, as opposed to what passes by itself. */
  static boolean isSites(Throwable failure) {
    return !(failure instanceof SheafException sheaf)
        || sheaf.kind() == ErrorKind.SITE
        || sheaf.kind() == ErrorKind.CORRUPT;
  }

  /** What went wrong, for people. */
  static String describe(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof SheafException && message != null) {
      return message;
    }
    return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }
}
