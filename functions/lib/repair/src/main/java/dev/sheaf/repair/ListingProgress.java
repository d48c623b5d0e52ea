package dev.sheaf.repair;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.RepairTracker.Listing;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a listing is, for whoever looks at the log of cycles meanwhile: one that takes its time
 * writes that down every now and then.
 */
final class ListingProgress {
  private static final Logger log = LoggerFactory.getLogger(ListingProgress.class);
  private static final Duration BETWEEN = Duration.ofSeconds(10);

  private final Progress progress;
  private final RepairTracker tracker;
  private final BooleanSupplier save;
  private final Instant startedAt;
  private final LongSupplier ticker;
  private long toldAt;

  ListingProgress(
      Progress progress,
      RepairTracker tracker,
      BooleanSupplier save,
      Instant startedAt,
      LongSupplier ticker) {
    this.progress = progress;
    this.tracker = tracker;
    this.save = save;
    this.startedAt = startedAt;
    this.ticker = ticker;
    this.toldAt = ticker.getAsLong();
  }

  /** From the threads of all lanes. */
  synchronized void listed(long keys) {
    progress.listed(keys);
    long now = ticker.getAsLong();
    if (now - toldAt < BETWEEN.toNanos()) {
      return;
    }
    toldAt = now;
    tracker.listing(new Listing(startedAt, Listing.By.LIST, keys));
    try {
      if (!save.getAsBoolean()) {
        log.info("the lease of this cycle is lost: it ends after the next batch");
      }
    } catch (SheafException e) {
      log.warn("how far the listing is could not be written down: {}", e.getMessage());
    }
  }
}
