package dev.sheaf.bundle.check;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of re-deriving everything in a bundle: each object's hash, snapshot and commit ids,
 * heads and order.
 *
 * @param summary what was read; null when the bundle cannot be read to its end
 * @param findings what is wrong, one sentence each; empty when the bundle is sound
 * @param unchecked what could not be checked, because it builds on something outside the bundle
 */
public record BundleVerification(
    @Nullable BundleSummary summary, List<String> findings, List<String> unchecked) {

  /**
   * Verifies one bundle. A bundle that cannot be read at all gives one finding, not an exception.
   *
   * @param known the manifests that an incremental bundle may build on
   * @throws IOException when the stream fails
   */
  public static BundleVerification of(
      BundleReader reader, InputStream in, SnapshotResolver.Known known) throws IOException {
    List<String> findings = new ArrayList<>();
    List<String> unchecked = new ArrayList<>();
    ObjectChecks objects = new ObjectChecks(findings);
    BundleSummary summary;
    try {
      summary = reader.read(in, objects);
    } catch (SheafException e) {
      findings.add(String.valueOf(e.getMessage()));
      return new BundleVerification(null, findings, unchecked);
    }
    new HistoryChecks(objects.history(), objects.seen(), findings, unchecked).run(known);
    return new BundleVerification(summary, findings, unchecked);
  }

  /** Whether nothing is wrong. */
  public boolean isSound() {
    return findings.isEmpty();
  }
}
