package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

/**
 * A push of which nobody can say yet whether it is a fast-forward: its bundle is not read while the
 * client waits, and it does not say what it builds on. Nothing was changed.
 */
public final class UndecidedException extends SheafException {
  UndecidedException(String branch, String present) {
    super(
        ErrorKind.INVALID,
        "the bundle is not read while you wait: name in expected_heads where branch '%s' is (%s)"
            .formatted(branch, present));
  }
}
