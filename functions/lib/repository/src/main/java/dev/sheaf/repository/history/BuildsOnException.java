package dev.sheaf.repository.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import org.eclipse.jgit.lib.ObjectId;

/**
 * A git bundle names as its prerequisite an object that its repository does not have, or not as
 * part of its history. Another upload may still bring it.
 */
public final class BuildsOnException extends SheafException {
  private static final long serialVersionUID = 1;

  private final transient ObjectId missing;
  private final long sequence;

  /**
   * @param sequence the change of the repository up to which it was looked for
   */
  public BuildsOnException(ObjectId missing, long sequence) {
    super(
        ErrorKind.INVALID,
        "the bundle builds on "
            + missing.name()
            + ", which is not here; upload a bundle that brings it, and this one is taken in");
    this.missing = missing;
    this.sequence = sequence;
  }

  /** An object that is not here. */
  public ObjectId missing() {
    return missing;
  }

  public long sequence() {
    return sequence;
  }
}
