/**
 * What a bundle says: commits, snapshots, refs, and the rules that tie them together. A {@link
 * dev.sheaf.bundle.history.Commit} names parents and a {@link dev.sheaf.bundle.history.Snapshot};
 * {@link dev.sheaf.bundle.history.SnapshotResolver} turns chains of deltas into manifests, {@link
 * dev.sheaf.bundle.history.CommitOrder} puts parents first and {@link dev.sheaf.bundle.history.Ids}
 * computes ids. Nothing here knows the wire.
 */
@NullMarked
package dev.sheaf.bundle.history;

import org.jspecify.annotations.NullMarked;
