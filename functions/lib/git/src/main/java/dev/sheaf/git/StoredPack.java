package dev.sheaf.git;

import dev.sheaf.bundle.ContentId;

/**
 * A pack that is in the bucket together with its index.
 *
 * @param name SHA-256 of the pack's bytes
 * @param packBytes length of the pack
 * @param indexBytes length of its index
 * @param objects number of objects in it
 * @param bitmapBytes length of its bitmap, 0 where it has none
 */
public record StoredPack(
    ContentId name, long packBytes, long indexBytes, long objects, long bitmapBytes) {
  public StoredPack {
    if (packBytes < 1 || indexBytes < 1 || objects < 1 || bitmapBytes < 0) {
      throw new IllegalArgumentException("a pack of nothing: " + name);
    }
  }
}
