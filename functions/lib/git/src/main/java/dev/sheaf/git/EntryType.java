package dev.sheaf.git;

import org.eclipse.jgit.lib.Constants;

/**
 * What an entry of a tree stands for, as git sees it ({@code canon_mode()} of its {@code cache.h}):
 * the permissions decide nothing, and whatever is no file, link or folder is a submodule.
 */
public final class EntryType {
  private static final int TYPE = 0170000;
  private static final int FOLDER = 0040000;
  private static final int FILE = 0100000;
  private static final int LINK = 0120000;

  private EntryType() {}

  /** {@code Constants.OBJ_TREE}, {@code OBJ_BLOB}, or {@code OBJ_COMMIT} for a submodule. */
  public static int of(int mode) {
    return switch (mode & TYPE) {
      case FOLDER -> Constants.OBJ_TREE;
      case FILE, LINK -> Constants.OBJ_BLOB;
      default -> Constants.OBJ_COMMIT;
    };
  }
}
