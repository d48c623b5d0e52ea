package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import org.jspecify.annotations.Nullable;

/**
 * One object as it travels.
 *
 * @param id the declared id: SHA-256 of the decoded content, not checked by the reader
 * @param encoding how {@code wire} is to be decoded
 * @param wire the bytes in the bundle
 * @param path where the content was found; a hint only, often absent
 */
public record WireObject(ContentId id, Encoding encoding, Content wire, @Nullable String path) {
  /** An object that travels as it is. */
  public static WireObject raw(ContentId id, Content content) {
    return new WireObject(id, Encoding.RAW, content, null);
  }
}
