package dev.sheaf.bundle.codec;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the compressed objects of one bundle may inflate to in all: {@link
 * BundleLimits#inflatedRatio} times what has been read of the bundle, plus {@link
 * BundleLimits#inflatedSlackBytes}. Counts what was really inflated; no announcement changes it.
 * Thread-safe.
 */
final class InflationBudget {
  private final WireInput wire;
  private final BundleLimits limits;
  private final AtomicLong inflated = new AtomicLong();

  InflationBudget(WireInput wire, BundleLimits limits) {
    this.wire = wire;
    this.limits = limits;
  }

  /** Counts bytes that were inflated, and says whether they were still within the bound. */
  boolean spend(long bytes) {
    long allowed = limits.inflatedRatio() * wire.size() + limits.inflatedSlackBytes();
    return inflated.addAndGet(bytes) <= allowed;
  }
}
