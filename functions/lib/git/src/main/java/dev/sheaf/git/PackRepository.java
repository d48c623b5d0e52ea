package dev.sheaf.git;

import java.util.List;
import org.eclipse.jgit.internal.storage.dfs.DfsReaderOptions;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryBuilder;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.lib.RefDatabase;

/** A repository that consists of packs and can only be read. */
final class PackRepository extends DfsRepository {
  private final PackDatabase objects;
  private final NoRefs refs;

  PackRepository(DfsRepositoryDescription description, List<PackFiles> packs) {
    super(new Builder(description));
    this.objects = new PackDatabase(this, new DfsReaderOptions(), packs);
    this.refs = new NoRefs(this);
  }

  @Override
  public PackDatabase getObjectDatabase() {
    return objects;
  }

  @Override
  public RefDatabase getRefDatabase() {
    return refs;
  }

  /** Carries the description: it is never set up, which would look for a git on this machine. */
  private static final class Builder extends DfsRepositoryBuilder<Builder, PackRepository> {
    Builder(DfsRepositoryDescription description) {
      setRepositoryDescription(description);
      setBare();
    }

    @Override
    public PackRepository build() {
      throw new UnsupportedOperationException("a PackRepository is made by its constructor");
    }
  }
}
