package dev.sheaf.journal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A segment that a replica knows.
 *
 * @param stamp S3's stamp; null until a listing has shown it, as for a write of our own
 * @param insertedAt when it came into memory, on the monotonic clock
 */
record CachedSegment(List<Operation> ops, @Nullable Instant stamp, long insertedAt) {
  CachedSegment listedAt(Instant lastModified) {
    return new CachedSegment(ops, lastModified, insertedAt);
  }
}
