package dev.sheaf.cli.git;

import org.eclipse.jgit.lib.ObjectId;

/**
 * One name in a folder.
 *
 * @param name as a manifest has it: valid Unicode, unique in its folder
 * @param mode {@link #PLAIN}, {@link #EXECUTABLE}, {@link #LINK}, {@link #SUBMODULE} or {@link
 *     #FOLDER}
 * @param id what it names: a blob, a commit of another repository, or a tree
 */
public record TreeEntry(String name, int mode, ObjectId id) {
  /** A folder. */
  public static final int FOLDER = 0040000;

  /** A file. */
  public static final int PLAIN = 0100644;

  /** A file that may be run. */
  public static final int EXECUTABLE = 0100755;

  /** A symbolic link; the blob is its target. */
  public static final int LINK = 0120000;

  /** A commit of another repository. */
  public static final int SUBMODULE = 0160000;

  /** Whether this is a folder. */
  public boolean isFolder() {
    return mode == FOLDER;
  }

  /** Whether the id names a blob of this repository. */
  public boolean isBlob() {
    return mode != FOLDER && mode != SUBMODULE;
  }

  /** Whether the entry of a tree object that begins here is a folder. */
  public static boolean isFolderMode(byte[] tree, int at) {
    return tree[skipZeros(tree, at)] == '4';
  }

  /** Whether the entry of a tree object that begins here is a submodule. */
  public static boolean isSubmoduleMode(byte[] tree, int at) {
    int digit = skipZeros(tree, at);
    return tree[digit] == '1' && tree[digit + 1] == '6';
  }

  private static int skipZeros(byte[] tree, int at) {
    int digit = at;
    while (tree[digit] == '0') {
      digit++;
    }
    return digit;
  }

  /** Whether both name the same content in the same way. */
  boolean sameAs(TreeEntry other) {
    return mode == other.mode && id.equals(other.id);
  }
}
