package dev.sheaf.cli.git;

import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/**
 * One tree object.
 *
 * @param id its SHA-1
 * @param entries what a manifest can say of it, in git's order: byte order of the UTF-8 names, a
 *     folder's name taken with a slash behind it
 * @param exact whether the tree that follows from {@code entries} is this one, byte for byte
 */
public record Tree(ObjectId id, List<TreeEntry> entries, boolean exact) {
  /** The tree without entries. */
  public static final ObjectId EMPTY_ID =
      ObjectId.fromString("4b825dc642cb6eb9a060e54bf8d69288fbee4904");

  /** About how much memory it takes, in bytes. */
  long weight() {
    return 100 + 170L * entries.size();
  }
}
