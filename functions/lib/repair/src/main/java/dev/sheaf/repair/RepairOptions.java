package dev.sheaf.repair;

import java.time.Duration;

/**
 * How a site is looked after.
 *
 * @param batch rows of the catalog that are seen to together; a cycle is saved after each
 * @param scrubBytes bytes that a cleanup reads whole, one object after the other, whatever they
 *     look like; 0 for none
 * @param bundlesExpireAfter uploads that are older are not missed; zero when they are kept for ever
 */
public record RepairOptions(int batch, long scrubBytes, Duration bundlesExpireAfter) {
  private static final long GIB = 1L << 30;

  /** A thousand rows, a GiB, uploads that are kept. */
  public static final RepairOptions DEFAULT = new RepairOptions(1_000, GIB, Duration.ZERO);

  /** The same with another scrub budget. */
  public RepairOptions withScrubBytes(long bytes) {
    return new RepairOptions(batch, bytes, bundlesExpireAfter);
  }

  /** The same with batches of another size. */
  public RepairOptions withBatch(int rows) {
    return new RepairOptions(rows, scrubBytes, bundlesExpireAfter);
  }

  /** The same where uploads expire. */
  public RepairOptions withBundlesExpireAfter(Duration age) {
    return new RepairOptions(batch, scrubBytes, age);
  }
}
