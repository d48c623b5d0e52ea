package dev.sheaf.bundle.check;

import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of re-deriving everything in a bundle: each object's hash, snapshot and commit ids,
 * heads, order and chain rules.
 *
 * @param inspection what is in the bundle; null when it cannot be read
 * @param findings what is wrong, one sentence each; empty when the bundle is sound
 * @param unchecked what could not be checked, because it builds on something outside the bundle
 */
public record BundleVerification(
    @Nullable BundleInspection inspection, List<String> findings, List<String> unchecked) {

  /**
   * Verifies one bundle. A bundle that cannot be read at all gives one finding, not an exception.
   *
   * @param known the manifests that an incremental bundle may build on
   * @throws IOException when the stream fails
   */
  public static BundleVerification of(
      BundleReader reader, InputStream in, SnapshotResolver.Known known) throws IOException {
    return dev.sheaf.bundle.Pending.value();
  }

  /** Whether nothing is wrong. */
  public boolean isSound() {
    return findings.isEmpty();
  }
}
