package dev.sheaf.cli.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.Tree;
import dev.sheaf.cli.git.TreeEntry;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees made by splicing against trees that JGit makes of the same files. */
class TreeWriterTest {
  private static final String[] PATHS = {
    "a", "a.b", "a-b", "ab", "a/x", "a/y/z", "b/a", "b/a.b/c", "b/a-/c", "ü/ö", "😀", "\uf8ff", "z"
  };

  @TempDir Path folder;

  @RandomisedTest(seeds = 20)
  void splicedTreesAreThoseOfGit(long seed) throws IOException {
    Random random = new Random(seed);
    try (PackFile pack = new PackFile(folder.resolve("pack"));
        PackFile aside = new PackFile(folder.resolve("aside"));
        ObjectPacker packer = new ObjectPacker(folder)) {
      TreeWriter trees = new TreeWriter(pack, aside, packer);
      TreeMap<String, ObjectId> files = new TreeMap<>();
      ObjectId tree = Tree.EMPTY_ID;
      for (int round = 0; round < 60; round++) {
        FolderEdit edit = new FolderEdit();
        for (int i = 0; i <= random.nextInt(4); i++) {
          change(files, edit, random, pack, packer);
        }
        tree = trees.make(tree, edit);
        assertThat(tree).isEqualTo(expected(files));
        trees.write(tree, Map.of());
        trees.settle();
        assertThat(pack.contains(tree)).isTrue();
        assertThat(packer.name(Constants.OBJ_TREE, Content.of(pack.read(tree)))).isEqualTo(tree);
      }
    }
  }

  private static void change(
      Map<String, ObjectId> files,
      FolderEdit edit,
      Random random,
      PackFile pack,
      ObjectPacker packer)
      throws IOException {
    String path = PATHS[random.nextInt(PATHS.length)];
    if (random.nextInt(3) == 0) {
      edit.set(path, 0, null);
      files.remove(path);
      return;
    }
    for (String other : List.copyOf(files.keySet())) {
      if (other.startsWith(path + "/") || path.startsWith(other + "/")) {
        edit.set(other, 0, null);
        files.remove(other);
      }
    }
    Content content = Content.of(new byte[] {(byte) random.nextInt(5)});
    ObjectId blob = packer.name(Constants.OBJ_BLOB, content);
    pack.append(packer.whole(blob, Constants.OBJ_BLOB, content));
    edit.set(path, TreeEntry.PLAIN, blob);
    files.put(path, blob);
  }

  private static ObjectId expected(Map<String, ObjectId> files) throws IOException {
    try (InMemoryRepository repository =
            new InMemoryRepository(new DfsRepositoryDescription("expected"));
        ObjectInserter inserter = repository.newObjectInserter()) {
      DirCache index = DirCache.newInCore();
      DirCacheBuilder builder = index.builder();
      files.forEach((path, blob) -> {
        DirCacheEntry entry = new DirCacheEntry(path);
        entry.setFileMode(FileMode.REGULAR_FILE);
        entry.setObjectId(blob);
        builder.add(entry);
      });
      builder.finish();
      return index.writeTree(inserter);
    }
  }

  @Test
  void aTreeWhoseBlobIsNotThereIsRefused() throws IOException {
    try (PackFile pack = new PackFile(folder.resolve("pack"));
        PackFile aside = new PackFile(folder.resolve("aside"));
        ObjectPacker packer = new ObjectPacker(folder)) {
      TreeWriter trees = new TreeWriter(pack, aside, packer);
      FolderEdit edit = new FolderEdit();
      edit.set("dir/file", TreeEntry.PLAIN, ObjectId.fromString("1".repeat(40)));
      ObjectId tree = trees.make(Tree.EMPTY_ID, edit);
      assertThatThrownBy(() -> trees.write(tree, Map.of()))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("1".repeat(40));
      assertThat(pack.contains(tree)).isFalse();
    }
  }
}
