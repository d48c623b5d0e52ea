package dev.sheaf.repository.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

/**
 * A push names a commit, a snapshot or an object that it does not bring and that its repository
 * does not have. While other pushes of the repository are still to be read, one of them may bring
 * it; otherwise the push is at fault, unless it has come too early: uploads that nobody announces
 * are told of in any order.
 */
public final class MissingBaseException extends SheafException {
  private static final long serialVersionUID = 1;

  private final String missing;

  /**
   * @param missing the id of what is not there, the first one if there are several
   */
  public MissingBaseException(String missing, String message) {
    super(ErrorKind.INVALID, message);
    this.missing = missing;
  }

  /** The id of the commit, snapshot or object that has to come first. */
  public String missing() {
    return missing;
  }
}
