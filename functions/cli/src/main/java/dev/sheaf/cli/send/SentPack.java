package dev.sheaf.cli.send;

import dev.sheaf.bundle.ContentId;

/**
 * A git bundle that was written.
 *
 * @param id its SHA-256
 * @param sizeBytes its length
 * @param objects how many objects it holds
 * @param uploaded false when the server had it already
 */
public record SentPack(ContentId id, long sizeBytes, long objects, boolean uploaded) {}
