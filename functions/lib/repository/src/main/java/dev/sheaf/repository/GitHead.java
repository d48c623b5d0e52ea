package dev.sheaf.repository;

import dev.sheaf.bundle.RefName;
import org.eclipse.jgit.lib.ObjectId;

/** What a clone of a git repository checks out. */
public sealed interface GitHead {
  /** A branch, which need not exist yet. */
  record Symbolic(RefName branch) implements GitHead {}

  /** A commit. */
  record Detached(ObjectId commit) implements GitHead {}
}
