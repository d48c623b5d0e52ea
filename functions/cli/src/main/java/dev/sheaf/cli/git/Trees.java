package dev.sheaf.cli.git;

import java.io.IOException;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;

/** The tree objects of a repository, parsed; the ones used last stay in memory. One thread. */
public final class Trees {
  private final ObjectReader reader;
  private final LruCache<ObjectId, Tree> parsed;

  /**
   * @param reader reads the objects; stays the caller's
   * @param memory about how many bytes of parsed trees to keep
   */
  public Trees(ObjectReader reader, long memory) {
    this.reader = reader;
    this.parsed = new LruCache<>(memory, Tree::weight);
  }

  /** One tree. */
  public Tree get(ObjectId id) throws IOException {
    Tree tree = parsed.get(id);
    if (tree == null) {
      tree = TreeParser.parse(id, raw(id));
      parsed.put(id, tree);
    }
    return tree;
  }

  /** The tree object's content. */
  public byte[] raw(ObjectId id) throws IOException {
    return id.equals(Tree.EMPTY_ID)
        ? new byte[0]
        : ObjectProof.of(
            id,
            Constants.OBJ_TREE,
            reader.open(id, Constants.OBJ_TREE).getCachedBytes(Integer.MAX_VALUE));
  }

  /** What differs between two trees, in the order of the paths. */
  public void diff(ObjectId before, ObjectId after, TreeChanges changes) throws IOException {
    diff(before, after, "", changes);
  }

  private void diff(ObjectId before, ObjectId after, String prefix, TreeChanges changes)
      throws IOException {
    if (before.equals(after)) {
      return;
    }
    List<TreeEntry> old = get(before).entries();
    List<TreeEntry> next = get(after).entries();
    int i = 0;
    int j = 0;
    while (i < old.size() || j < next.size()) {
      int order = order(old, i, next, j);
      if (order < 0) {
        removed(old.get(i++), prefix, changes);
      } else if (order > 0) {
        added(next.get(j++), prefix, changes);
      } else {
        changed(old.get(i++), next.get(j++), prefix, changes);
      }
    }
  }

  private static int order(List<TreeEntry> old, int i, List<TreeEntry> next, int j) {
    if (i == old.size()) {
      return 1;
    }
    return j == next.size() ? -1 : TreeParser.GIT_ORDER.compare(old.get(i), next.get(j));
  }

  /** Both have one name and are both a folder or both not: git's order keeps these apart. */
  private void changed(TreeEntry old, TreeEntry next, String prefix, TreeChanges changes)
      throws IOException {
    if (next.sameAs(old)) {
      return;
    }
    if (next.isFolder()) {
      diff(old.id(), next.id(), prefix + next.name() + "/", changes);
    } else {
      changes.set(prefix + next.name(), next);
    }
  }

  private void removed(TreeEntry entry, String prefix, TreeChanges changes) throws IOException {
    if (entry.isFolder()) {
      diff(entry.id(), Tree.EMPTY_ID, prefix + entry.name() + "/", changes);
    } else {
      changes.removed(prefix + entry.name());
    }
  }

  private void added(TreeEntry entry, String prefix, TreeChanges changes) throws IOException {
    if (entry.isFolder()) {
      diff(Tree.EMPTY_ID, entry.id(), prefix + entry.name() + "/", changes);
    } else {
      changes.set(prefix + entry.name(), entry);
    }
  }
}
