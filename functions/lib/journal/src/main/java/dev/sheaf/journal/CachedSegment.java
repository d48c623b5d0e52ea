package dev.sheaf.journal;

import java.time.Instant;
import java.util.List;

/**
 * A segment that a replica knows. There may be very many, so the stamp is a number.
 *
 * @param stampMillis S3's stamp since the epoch, or {@link #UNLISTED}
 * @param insertedAt when it came into memory, on the monotonic clock
 */
record CachedSegment(List<Operation> ops, long stampMillis, long insertedAt) {
  /** No listing has shown it yet, as for a write of our own; behind all that were listed. */
  static final long UNLISTED = Long.MAX_VALUE;

  boolean isListed() {
    return stampMillis != UNLISTED;
  }

  boolean isListedAt(Instant lastModified) {
    return stampMillis == lastModified.toEpochMilli();
  }

  CachedSegment listedAt(Instant lastModified) {
    return new CachedSegment(ops, lastModified.toEpochMilli(), insertedAt);
  }

  /** Whether the rollup of this mark holds it, as far as is known. */
  boolean isFolded(String name, Mark mark) {
    return isListed() && mark.covers(Instant.ofEpochMilli(stampMillis), name);
  }
}
