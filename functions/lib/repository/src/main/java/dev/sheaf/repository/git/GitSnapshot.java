package dev.sheaf.repository.git;

import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitState;
import dev.sheaf.storage.catalog.Catalog;
import java.util.List;

/**
 * Everything that a git repository consists of at one moment, as far as it is proven: a ref that a
 * job is still to prove is what it was before.
 */
public record GitSnapshot(GitState state, List<GitRef> refs, List<GitPacks.Live> packs) {
  /**
   * Reads it, in a transaction that holds the repository's lock.
   *
   * @param state as it is now
   */
  static GitSnapshot read(Catalog transaction, String repoId, GitState state) {
    return read(transaction, repoId, state, new GitPacks(transaction, repoId).live());
  }

  /** Reads it where the packs are known. */
  static GitSnapshot read(
      Catalog transaction, String repoId, GitState state, List<GitPacks.Live> packs) {
    return new GitSnapshot(state, new GitRefTable(transaction, repoId).proven(), packs);
  }
}
