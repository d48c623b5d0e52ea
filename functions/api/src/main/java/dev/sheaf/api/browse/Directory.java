package dev.sheaf.api.browse;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Manifest;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One directory of a manifest, which itself knows only whole paths.
 *
 * @param entries by name
 */
record Directory(SortedMap<String, Entry> entries) {
  /** What a name in a directory stands for. */
  enum Type {
    DIRECTORY,
    FILE,
    SYMLINK,
    SUBMODULE
  }

  /**
   * A name in a directory.
   *
   * @param path from the root
   * @param object content of a file, target of a symlink; null for the others
   * @param mode git's mode, null for a directory
   * @param commit the commit of a submodule in git's hex, else null
   */
  record Entry(
      String path,
      Type type,
      @Nullable ContentId object,
      @Nullable String mode,
      @Nullable String commit) {}

  /**
   * The directory at a path.
   *
   * @param path without slashes around it; empty for the root, which is always there
   */
  static Optional<Directory> at(Manifest manifest, String path) {
    String prefix = path.isEmpty() ? "" : path + "/";
    SortedMap<String, Entry> entries = new TreeMap<>();
    for (String file : manifest.objects().keySet()) {
      add(entries, manifest, prefix, file);
    }
    for (String special : manifest.modes().keySet()) {
      add(entries, manifest, prefix, special);
    }
    boolean exists = !entries.isEmpty() || path.isEmpty();
    return exists ? Optional.of(new Directory(entries)) : Optional.empty();
  }

  /** What is at a path, unless it is a directory or nothing. */
  static Optional<Entry> leafAt(Manifest manifest, String path) {
    ContentId object = manifest.objects().get(path);
    String mode = manifest.modes().get(path);
    if (object == null && mode == null) {
      return Optional.empty();
    }
    if (mode != null && mode.startsWith("160000")) {
      String commit = mode.substring("160000".length()).strip();
      return Optional.of(new Entry(path, Type.SUBMODULE, null, "160000", commit));
    }
    Type type = "120000".equals(mode) ? Type.SYMLINK : Type.FILE;
    return Optional.of(new Entry(path, type, object, mode == null ? "100644" : mode, null));
  }

  private static void add(
      SortedMap<String, Entry> entries, Manifest manifest, String prefix, String file) {
    if (!file.startsWith(prefix) || file.length() == prefix.length()) {
      return;
    }
    int slash = file.indexOf('/', prefix.length());
    if (slash < 0) {
      leafAt(manifest, file).ifPresent(leaf -> entries.put(file.substring(prefix.length()), leaf));
    } else {
      entries.putIfAbsent(
          file.substring(prefix.length(), slash),
          new Entry(file.substring(0, slash), Type.DIRECTORY, null, null, null));
    }
  }
}
