package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ContentId;
import java.util.Map;

/**
 * The files of one snapshot.
 *
 * @param objects path to the object that holds its content; {@code size()} is the entry count
 * @param modes path to git mode for what is not a plain file: {@code 100755}, {@code 120000} (a
 *     link: the object holds its target), {@code 160000 <sha1>} (a submodule: no object)
 */
public record Manifest(Map<String, ContentId> objects, Map<String, String> modes) {
  /** No files. */
  public static final Manifest EMPTY = new Manifest(Map.of(), Map.of());

  /** A manifest of plain files. */
  public static Manifest of(Map<String, ContentId> objects) {
    return new Manifest(objects, Map.of());
  }
}
