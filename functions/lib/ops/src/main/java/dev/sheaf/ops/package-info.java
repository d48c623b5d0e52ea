/**
 * The operation log: what sites tell one another about repositories, bundles and refs.
 *
 * <p>{@link dev.sheaf.ops.OpLog} appends an op in the transaction that makes the change, {@link
 * dev.sheaf.ops.SweepServer} gives pages of it to peers, {@link dev.sheaf.ops.SweepClient} follows
 * a peer's, {@link dev.sheaf.ops.Applier} writes what came, and {@link dev.sheaf.ops.Retention} and
 * {@link dev.sheaf.ops.Dormant} say what may go.
 */
@NullMarked
package dev.sheaf.ops;

import org.jspecify.annotations.NullMarked;
