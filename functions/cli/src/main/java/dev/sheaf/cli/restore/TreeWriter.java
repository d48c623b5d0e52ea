package dev.sheaf.cli.restore;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.LruCache;
import dev.sheaf.cli.git.Tree;
import dev.sheaf.cli.git.TreeEntry;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Makes tree objects out of edits, and writes those that a commit uses. Trees are made on the tree
 * that they follow, so a commit costs what it changes. One thread.
 *
 * <p>Where a snapshot holds only what a manifest can say of a commit's tree, the tree made from it
 * is none of the repository's. It is put aside, because later snapshots build on it.
 */
final class TreeWriter {
  /** Longest chain of deltas; reading the last one takes as many steps. */
  private static final int DEEPEST = 50;

  private static final int CACHE = 64 << 20;

  private final PackFile pack;
  private final PackFile aside;
  private final ObjectPacker packer;
  private final LruCache<ObjectId, byte[]> cache = new LruCache<>(CACHE, tree -> 100 + tree.length);
  private final Map<ObjectId, Made> made = new HashMap<>();

  /** A tree that is not written yet, and the one that it was made from. */
  private record Made(ObjectId base, TreeSplice splice) {}

  /**
   * @param pack the repository's pack
   * @param aside takes trees that are only needed to make others
   */
  TreeWriter(PackFile pack, PackFile aside, ObjectPacker packer) {
    this.pack = pack;
    this.aside = aside;
    this.packer = packer;
  }

  /** Makes the tree that an edit turns another one into; {@link Tree#EMPTY_ID} when it is empty. */
  ObjectId make(ObjectId base, FolderEdit edit) throws IOException {
    TreeSplice splice = TreeSplice.of(content(base), edit, this::make);
    byte[] content = splice.result();
    if (content.length == 0) {
      return Tree.EMPTY_ID;
    }
    ObjectId id = packer.name(Constants.OBJ_TREE, Content.of(content));
    cache.put(id, content);
    if (!pack.contains(id)) {
      made.putIfAbsent(id, new Made(base, splice));
    }
    return id;
  }

  private byte[] content(ObjectId tree) throws IOException {
    if (tree.equals(Tree.EMPTY_ID)) {
      return new byte[0];
    }
    byte[] cached = cache.get(tree);
    if (cached != null) {
      return cached;
    }
    Made unwritten = made.get(tree);
    byte[] content =
        unwritten != null
            ? unwritten.splice().result()
            : (pack.contains(tree) ? pack : aside).read(tree);
    cache.put(tree, content);
    return content;
  }

  /**
   * Writes a tree and all below that the pack lacks.
   *
   * @param given trees that cannot be made from a manifest, by id
   * @throws SheafException of kind CORRUPT when something below is neither made, given nor there
   */
  void write(ObjectId tree, Map<ObjectId, byte[]> given) throws IOException {
    if (pack.contains(tree)) {
      return;
    }
    Made known = made.remove(tree);
    if (known != null && pack.contains(known.base())) {
      writeBelow(tree, known.splice().inserted(), given);
      pack.append(packed(tree, known));
    } else {
      byte[] content = known == null ? unmade(tree, given) : known.splice().result();
      writeBelow(tree, content, given);
      pack.append(packer.whole(tree, Constants.OBJ_TREE, Content.of(content)));
    }
  }

  private PackedObject packed(ObjectId tree, Made known) throws IOException {
    return pack.depth(known.base()) < DEEPEST
        ? packer.delta(tree, Constants.OBJ_TREE, known.base(), known.splice().delta())
        : packer.whole(tree, Constants.OBJ_TREE, Content.of(known.splice().result()));
  }

  private byte[] unmade(ObjectId tree, Map<ObjectId, byte[]> given) throws IOException {
    byte[] content = given.get(tree);
    if (content != null) {
      return content;
    }
    if (tree.equals(Tree.EMPTY_ID)) {
      return new byte[0];
    }
    if (!aside.contains(tree)) {
      throw missing("tree", tree, null);
    }
    return aside.read(tree);
  }

  /** Of a tree made from one that is complete, it is enough to look at what is new in it. */
  private void writeBelow(ObjectId tree, byte[] entries, Map<ObjectId, byte[]> given)
      throws IOException {
    int at = 0;
    while (at < entries.length) {
      int mode = at;
      while (entries[at] != 0) {
        at++;
      }
      ObjectId id = ObjectId.fromRaw(entries, at + 1);
      at += 1 + Constants.OBJECT_ID_LENGTH;
      if (TreeEntry.isFolderMode(entries, mode)) {
        write(id, given);
      } else if (!TreeEntry.isSubmoduleMode(entries, mode) && !pack.contains(id)) {
        throw missing("blob", id, tree);
      }
    }
  }

  private static SheafException missing(String what, ObjectId id, @Nullable ObjectId tree) {
    return new SheafException(
        ErrorKind.CORRUPT,
        what
            + " "
            + id.name()
            + (tree == null ? "" : " of tree " + tree.name())
            + " cannot be made from the bundles");
  }

  /** Puts aside what was made and not written. Call after the commits of a snapshot are done. */
  void settle() throws IOException {
    for (Map.Entry<ObjectId, Made> left : made.entrySet()) {
      Content content = Content.of(left.getValue().splice().result());
      aside.append(packer.whole(left.getKey(), Constants.OBJ_TREE, content));
    }
    made.clear();
  }
}
