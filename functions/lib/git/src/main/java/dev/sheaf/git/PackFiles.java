package dev.sheaf.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys.Part;
import dev.sheaf.storage.ObjectStore;
import org.eclipse.jgit.internal.storage.dfs.DfsObjDatabase.PackSource;
import org.eclipse.jgit.internal.storage.dfs.DfsPackDescription;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.ReadableChannel;
import org.eclipse.jgit.internal.storage.pack.PackExt;

/**
 * A pack, wherever its bytes are.
 *
 * @param pack its names and sizes
 * @param files opens its parts
 */
record PackFiles(StoredPack pack, Files files) {
  private static final int MANY = 1_000;

  /** Opens a part of a pack. */
  interface Files {
    ReadableChannel open(Part part);
  }

  /** A pack in the bucket. */
  static PackFiles stored(ObjectStore store, RepoPath repo, StoredPack pack) {
    return new PackFiles(
        pack,
        part ->
            part == Part.PACK
                ? BucketChannel.inBlocks(
                    store, GitKeys.key(repo, pack.name(), part), pack.packBytes())
                : BucketChannel.whole(
                    store, GitKeys.key(repo, pack.name(), part), size(pack, part)));
  }

  /** What JGit calls it: by its full name, which keeps its cached blocks apart from all others. */
  DfsPackDescription describe(DfsRepositoryDescription repo, long age) {
    DfsPackDescription description =
        new DfsPackDescription(repo, pack.name().hex(), source())
            .setLastModified(age)
            .setObjectCount(pack.objects());
    for (Part part : Part.values()) {
      if (size(pack, part) > 0) {
        description.addFileExt(extension(part));
        description.setFileSize(extension(part), size(pack, part));
      }
    }
    return description;
  }

  /**
   * JGit searches deltas for objects that are whole in what was received, but not for those that
   * whoever packed many objects together left whole.
   */
  private PackSource source() {
    return pack.objects() < MANY ? PackSource.RECEIVE : PackSource.GC;
  }

  ReadableChannel open(PackExt extension) {
    return switch (extension) {
      case PACK -> files.open(Part.PACK);
      case INDEX -> files.open(Part.INDEX);
      case BITMAP_INDEX -> files.open(Part.BITMAP);
      default ->
          throw new SheafException(
              ErrorKind.CORRUPT, "pack " + pack.name() + " has no part of the kind " + extension);
    };
  }

  private static PackExt extension(Part part) {
    return switch (part) {
      case PACK -> PackExt.PACK;
      case INDEX -> PackExt.INDEX;
      case BITMAP -> PackExt.BITMAP_INDEX;
    };
  }

  private static long size(StoredPack pack, Part part) {
    return switch (part) {
      case PACK -> pack.packBytes();
      case INDEX -> pack.indexBytes();
      case BITMAP -> pack.bitmapBytes();
    };
  }
}
