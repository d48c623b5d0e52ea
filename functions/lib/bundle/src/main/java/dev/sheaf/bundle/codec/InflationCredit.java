package dev.sheaf.bundle.codec;

/**
 * Keeps the writers of one bundle from making what a reader refuses: a bundle that inflates to more
 * than {@link BundleLimits#inflatedRatio} times its size plus {@link
 * BundleLimits#inflatedSlackBytes}. Real histories come near: versions of one file inflate a
 * hundredfold. Share one among all {@link ObjectEncoder}s of a bundle. Thread-safe.
 *
 * <p>Gives out half of the slack only, because encoders that run in parallel are not asked in the
 * order in which a reader meets their objects.
 */
public final class InflationCredit {
  private final int ratio;
  private final long most;
  private long used;

  /** For a bundle that is read under {@link BundleLimits#DEFAULT}. */
  public InflationCredit() {
    this(BundleLimits.DEFAULT);
  }

  InflationCredit(BundleLimits limits) {
    this.ratio = limits.inflatedRatio();
    this.most = limits.inflatedSlackBytes() / 2;
  }

  /**
   * Whether an object may travel as a frame; if not, {@link #raw} must be told that it does not.
   */
  synchronized boolean admits(long frame, long raw) {
    long after = used + raw - ratio * frame;
    if (after > most) {
      return false;
    }
    used = Math.max(0, after);
    return true;
  }

  /** An object travels as it is: that makes room for others. */
  synchronized void raw(long size) {
    used = Math.max(0, used - (ratio - 1) * size);
  }
}
