package dev.sheaf.bundle.history;

import org.jspecify.annotations.Nullable;

/** Finds what changed between two manifests. */
final class SnapshotDelta {
  private SnapshotDelta() {}

  static Snapshot between(
      String snapshotId, @Nullable String parentId, Manifest base, Manifest next) {
    return dev.sheaf.bundle.Pending.value();
  }
}
