package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.Repository;

/**
 * The full name of a branch or a tag, as git allows it (git-check-ref-format): a server's word for
 * it must lead neither out of the repository's folder nor to another line of a file of refs.
 *
 * @param full {@code refs/heads/...} or {@code refs/tags/...}
 */
public record RefName(String full) implements Comparable<RefName> {
  /**
   * Checks the name.
   *
   * @throws SheafException of kind INVALID when git has no such names
   */
  public RefName {
    boolean placed = full.startsWith(Constants.R_HEADS) || full.startsWith(Constants.R_TAGS);
    if (!placed || !Repository.isValidRefName(full)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "'" + full + "' cannot be the name of a branch or tag in git; rename it on the server");
    }
  }

  /** The branch of this short name. */
  public static RefName branch(String name) {
    return new RefName(Constants.R_HEADS + name);
  }

  /** Whether it is a branch. */
  public boolean isBranch() {
    return full.startsWith(Constants.R_HEADS);
  }

  /**
   * The same, if it is a branch.
   *
   * @throws SheafException of kind INVALID when it is a tag
   */
  public RefName requireBranch() {
    if (!isBranch()) {
      throw new SheafException(ErrorKind.INVALID, "'" + full + "' is a tag; HEAD names a branch");
    }
    return this;
  }

  /** In order of the names, as a file of packed refs is sorted. */
  @Override
  public int compareTo(RefName other) {
    return full.compareTo(other.full);
  }

  @Override
  public String toString() {
    return full;
  }
}
