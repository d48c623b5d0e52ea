package dev.sheaf.cli.git;

import dev.sheaf.bundle.RefName;

/** What HEAD is. */
public sealed interface Head {
  /** A branch, which need not have a commit yet. */
  record Branch(RefName name) implements Head {}

  /** A commit itself. */
  record Detached(GitId id) implements Head {}
}
