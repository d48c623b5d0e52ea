package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import org.jspecify.annotations.Nullable;

/**
 * What was read or written; counts are of list entries, repetitions included.
 *
 * @param sha256 the bundle's name; null when the reader was told not to hash
 * @param sizeBytes length on the wire
 */
public record BundleSummary(
    @Nullable ContentId sha256, long sizeBytes, long commits, long snapshots, long objects) {}
