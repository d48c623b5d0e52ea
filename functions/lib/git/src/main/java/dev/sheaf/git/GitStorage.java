package dev.sheaf.git;

import dev.sheaf.storage.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;

/**
 * Repositories over packs in a bucket. JGit reads them by GETs of 1 MiB and of whole indexes, and
 * keeps both in the process's {@link BlockCache} under the repository's and the pack's full names:
 * a block is found only by who names both.
 *
 * <p>One of these serves a process; any thread may use it. A failing store surfaces as the port's
 * own SheafException through all of JGit.
 */
public final class GitStorage {
  /** Tells the cached blocks of two stores apart that call their buckets alike. */
  private static final AtomicLong STORES = new AtomicLong();

  private final ObjectStore store;
  private final String scope;

  public GitStorage(ObjectStore store) {
    BlockCache.configureOnce();
    this.store = store;
    this.scope = STORES.incrementAndGet() + ":" + store.bucket() + "/";
  }

  /** The store that the packs are in. */
  public ObjectStore store() {
    return store;
  }

  /**
   * A repository that can be read but not written to, and has no refs: callers say which objects
   * they mean. No request is made until something is read.
   *
   * @param packs all of its packs, older ones first
   */
  public DfsRepository open(RepoPath repo, List<StoredPack> packs) {
    return repository(repo, stored(repo, packs));
  }

  /** The same with a pack that is not stored yet, read from its files. */
  public DfsRepository open(RepoPath repo, List<StoredPack> packs, ReceivedPack received) {
    List<PackFiles> all = stored(repo, packs);
    received.spooled().map(SpooledPack::toRead).ifPresent(all::add);
    return repository(repo, all);
  }

  /**
   * Downloads packs, for whoever reads most of what is in them.
   *
   * @param temp the folder for temp files
   * @return the caller closes it
   */
  public LocalCopy copy(RepoPath repo, List<StoredPack> packs, Path temp) {
    return LocalCopy.of(this, repo, packs, temp);
  }

  /** A repository of files alone; no other one shares its cached blocks. */
  static DfsRepository of(List<SpooledPack> packs) {
    BlockCache.configureOnce();
    return new PackRepository(
        new DfsRepositoryDescription("files " + STORES.incrementAndGet()),
        packs.stream().map(SpooledPack::toRead).toList());
  }

  private List<PackFiles> stored(RepoPath repo, List<StoredPack> packs) {
    List<PackFiles> files = new ArrayList<>();
    packs.forEach(pack -> files.add(PackFiles.stored(store, repo, pack)));
    return files;
  }

  private DfsRepository repository(RepoPath repo, List<PackFiles> packs) {
    return new PackRepository(new DfsRepositoryDescription(scope + repo), packs);
  }
}
