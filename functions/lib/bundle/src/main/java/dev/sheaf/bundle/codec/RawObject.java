package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import org.jspecify.annotations.Nullable;

/**
 * One object decoded.
 *
 * @param id the declared id; compare it with {@link dev.sheaf.bundle.history.Ids#object} to be sure
 * @param content the bytes
 * @param path where the content was found; a hint only, often absent
 */
public record RawObject(ContentId id, Content content, @Nullable String path) {}
