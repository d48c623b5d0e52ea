package dev.sheaf.git;

import org.eclipse.jgit.internal.storage.dfs.DfsRefDatabase;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.ReflogReader;
import org.eclipse.jgit.util.RefList;

/** Refs are rows of the catalog; JGit sees none. */
final class NoRefs extends DfsRefDatabase {
  NoRefs(DfsRepository repository) {
    super(repository);
  }

  @Override
  protected RefCache scanAllRefs() {
    return new RefCache(RefList.emptyList(), RefList.emptyList());
  }

  @Override
  protected boolean compareAndPut(Ref oldRef, Ref newRef) {
    return false;
  }

  @Override
  public ReflogReader getReflogReader(Ref ref) {
    throw new UnsupportedOperationException("there are no refs, and no logs of them");
  }

  @Override
  protected boolean compareAndRemove(Ref oldRef) {
    return false;
  }
}
