package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;

/**
 * A bundle that was read to its end, its bytes proven.
 *
 * @param sizeBytes length on the wire
 */
record Unpacked(ContentId bundle, long sizeBytes) {}
