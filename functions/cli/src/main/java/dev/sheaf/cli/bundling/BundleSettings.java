package dev.sheaf.cli.bundling;

/**
 * How bundles are written.
 *
 * @param level zstd level of objects, 1 to 22
 * @param portable whether readers other than Sheaf must understand the bundles: no chains of
 *     objects, no compression around the whole
 * @param targetBytes wire size at which a history is cut into several bundles; met roughly
 * @param workers threads that compress
 */
public record BundleSettings(int level, boolean portable, long targetBytes, int workers) {
  /** The defaults: measured on real histories, see {@link ChainOrder}. */
  public static BundleSettings standard() {
    return new BundleSettings(9, false, 32L << 20, Runtime.getRuntime().availableProcessors());
  }
}
