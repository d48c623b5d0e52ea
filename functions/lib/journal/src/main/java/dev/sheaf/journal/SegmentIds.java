package dev.sheaf.journal;

import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * UUIDs of version 7 that rise strictly for the whole process.
 *
 * <p>48 bits of Unix milliseconds, 12 bits of the time inside the millisecond, 62 random bits. Two
 * equal names would mean a lost write, because a segment is put unconditionally. So the random bits
 * are drawn when an id is asked for, never ahead: nothing drawn before a snapshot of the process is
 * used after it, provided that the generator itself does not repeat (a {@link
 * java.security.SecureRandom} does not).
 */
public final class SegmentIds {
  private static final long SEQUENCE_MASK = 0xfff;
  private static final long VERSION = 0x7000;
  private static final long VARIANT = 0x8000_0000_0000_0000L;
  private static final long RANDOM_MASK = 0x3fff_ffff_ffff_ffffL;

  private final InstantSource clock;
  private final RandomGenerator random;
  private long last;

  public SegmentIds(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** An id greater than all before, also where the clock stands still or goes back. */
  public synchronized String next() {
    Instant now = clock.instant();
    long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    long time = ((nanos / 1_000_000) << 12) | ((nanos % 1_000_000) >> 8);
    last = Math.max(time, last + 1);
    long high = ((last & ~SEQUENCE_MASK) << 4) | VERSION | (last & SEQUENCE_MASK);
    return new UUID(high, VARIANT | (random.nextLong() & RANDOM_MASK)).toString();
  }
}
