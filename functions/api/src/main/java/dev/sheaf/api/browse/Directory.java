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
  /**
   * A name in a directory.
   *
   * @param path from the root
   * @param object content of a file; null for a directory
   */
  record Entry(String path, @Nullable ContentId object) {}

  /**
   * The directory at a path.
   *
   * @param path without slashes around it; empty for the root, which is always there
   */
  static Optional<Directory> at(Manifest manifest, String path) {
    String prefix = path.isEmpty() ? "" : path + "/";
    SortedMap<String, Entry> entries = new TreeMap<>();
    manifest
        .objects()
        .forEach((file, object) -> {
          if (file.startsWith(prefix) && file.length() > prefix.length()) {
            add(entries, prefix.length(), file, object);
          }
        });
    boolean exists = !entries.isEmpty() || path.isEmpty();
    return exists ? Optional.of(new Directory(entries)) : Optional.empty();
  }

  /** The file at a path. */
  static Optional<Entry> fileAt(Manifest manifest, String path) {
    return Optional.ofNullable(manifest.objects().get(path)).map(object -> new Entry(path, object));
  }

  private static void add(
      SortedMap<String, Entry> entries, int begin, String file, ContentId object) {
    int slash = file.indexOf('/', begin);
    if (slash < 0) {
      entries.put(file.substring(begin), new Entry(file, object));
    } else {
      entries.putIfAbsent(file.substring(begin, slash), new Entry(file.substring(0, slash), null));
    }
  }
}
