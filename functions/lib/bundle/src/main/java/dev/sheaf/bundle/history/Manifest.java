package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ContentId;
import java.util.Map;

/**
 * The files of one snapshot.
 *
 * @param objects path to the object that holds its content; {@code size()} is the entry count
 */
public record Manifest(Map<String, ContentId> objects) {
  /** No files. */
  public static final Manifest EMPTY = new Manifest(Map.of());
}
