package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

/**
 * A push names a commit, a snapshot or an object that it does not bring and that its repository
 * does not have. While other pushes of the repository are still to be read, one of them may bring
 * it; otherwise the push is at fault.
 */
public final class MissingBaseException extends SheafException {
  private static final long serialVersionUID = 1;

  MissingBaseException(String message) {
    super(ErrorKind.INVALID, message);
  }
}
