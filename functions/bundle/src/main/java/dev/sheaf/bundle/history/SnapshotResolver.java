package dev.sheaf.bundle.history;

import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Turns deltas into manifests (bundle.md section 3) while holding one manifest: it walks the tree
 * of deltas, applies each on the way down and undoes it on the way up.
 */
public final class SnapshotResolver {
  private SnapshotResolver() {}

  /** Manifests of snapshots outside the collection, such as those of the repository. */
  @FunctionalInterface
  public interface Known {
    /** Knows nothing. */
    Known NOTHING = snapshotId -> null;

    /** The manifest, or null when there is no such snapshot. */
    @Nullable Manifest manifest(String snapshotId) throws IOException;
  }

  /** Receives each snapshot once, a parent before its children. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param snapshot as it came in
     * @param manifest its whole manifest: a live view, valid until this call returns
     */
    void resolved(Snapshot snapshot, Manifest manifest) throws IOException;
  }

  /**
   * Visits every snapshot with its manifest.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when a parent is neither in the
   *     collection nor known, or when snapshots form a cycle; both ids are named. Snapshots that do
   *     not depend on the fault may have been visited by then
   */
  public static void resolve(Collection<Snapshot> snapshots, Known known, Visitor visitor)
      throws IOException {
    dev.sheaf.bundle.Pending.value();
  }
}
