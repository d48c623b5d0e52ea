package dev.sheaf.cli.restore;

import dev.sheaf.cli.git.TreeEntry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** What a snapshot changes in one folder and below. */
final class FolderEdit {
  /**
   * One change.
   *
   * @param folder what changes inside, of a folder
   * @param file what the name stands for from now on; null (of a file): it is removed
   */
  record Change(@Nullable FolderEdit folder, @Nullable TreeEntry file) {}

  /** Name, with a slash behind that of a folder, to change; in git's order of a tree. */
  private final NavigableMap<byte[], Change> changes = new TreeMap<>(Arrays::compareUnsigned);

  private final Map<String, FolderEdit> folders = new HashMap<>();

  /** Sets what is at a path; null removes the file there, if there is one. */
  void set(String path, int mode, @Nullable ObjectId id) {
    FolderEdit folder = this;
    int start = 0;
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', start)) {
      folder = folder.inside(path.substring(start, slash + 1));
      start = slash + 1;
    }
    String name = path.substring(start);
    TreeEntry file = id == null ? null : new TreeEntry(name, mode, id);
    folder.changes.put(utf8(name), new Change(null, file));
  }

  private FolderEdit inside(String nameAndSlash) {
    return folders.computeIfAbsent(
        nameAndSlash,
        name -> {
          FolderEdit edit = new FolderEdit();
          changes.put(utf8(name), new Change(edit, null));
          return edit;
        });
  }

  NavigableMap<byte[], Change> changes() {
    return changes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
