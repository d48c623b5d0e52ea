package dev.sheaf.bundle.check;

import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * What is in a bundle, with ids spelled as the file spells them.
 *
 * @param bundleKey {@code sha256:} and the hash of the wire bytes
 * @param sizeBytes length on the wire
 * @param commits distinct commits
 * @param snapshots distinct snapshots
 * @param objects distinct objects
 * @param branchHeads branch to commit id
 * @param manifests snapshot id to path to object id, in file order
 * @param unresolved snapshots left out of {@code manifests} because they build on one that is
 *     neither in the bundle nor known
 */
public record BundleInspection(
    String bundleKey,
    long sizeBytes,
    int commits,
    int snapshots,
    int objects,
    Map<String, String> branchHeads,
    Map<String, Map<String, String>> manifests,
    List<String> unresolved) {

  /**
   * Inspects one bundle.
   *
   * @param known the manifests that an incremental bundle may build on
   */
  public static BundleInspection of(
      BundleReader reader, InputStream in, SnapshotResolver.Known known) throws IOException {
    return dev.sheaf.bundle.Pending.value();
  }

  /**
   * The inspection as a JSON-able map: bundle_key, size_bytes, commits, snapshots, objects,
   * branch_heads and, if asked for, manifests.
   */
  public Map<String, Object> toMap(boolean withManifests) {
    return dev.sheaf.bundle.Pending.value();
  }
}
