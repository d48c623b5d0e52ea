package dev.sheaf.git;

import org.eclipse.jgit.internal.storage.dfs.DfsBlockCache;
import org.eclipse.jgit.internal.storage.dfs.DfsBlockCacheConfig;

/**
 * JGit's cache of blocks and indexes, one for the process: at most a quarter of its heap. A cache
 * that does not hold what one request reads twice costs a GET for each block of it, again and again
 * (4,712 where 30 do), so it is as large as can be.
 */
final class BlockCache {
  /** What one GET reads of a pack. */
  static final int BLOCK = 1 << 20;

  private static final long LEAST = 16L * BLOCK;

  static {
    long quarter = Runtime.getRuntime().maxMemory() / 4;
    DfsBlockCache.reconfigure(
        new DfsBlockCacheConfig()
            .setBlockSize(BLOCK)
            .setBlockLimit(Math.max(LEAST, quarter / BLOCK * BLOCK))
            // Packs are copied out through the cache whatever their share of it.
            .setStreamRatio(1.0));
  }

  private BlockCache() {}

  /** Sets the cache up; later calls find it so, for whoever did it again would empty it. */
  static void configureOnce() {
    // Loading this class did it.
  }
}
