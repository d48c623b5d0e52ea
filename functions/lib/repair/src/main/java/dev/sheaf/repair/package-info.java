/**
 * Keeps what the catalog promises true of the bucket.
 *
 * <pre>
 *   list     {@link dev.sheaf.repair.presence.PresenceLister}: one listing of the bucket, in memory
 *   trust    {@link dev.sheaf.repair.Evidence}: a sample says whether the listing can be believed;
 *            else every question is a HEAD, and every answer the same
 *   plan     {@link dev.sheaf.repair.Planner}: catalog rows, a thousand at a time, against it: what
 *            is missing, suspicious or unproven is a {@link dev.sheaf.repair.Step} with its reason
 *   repair   {@link dev.sheaf.repair.Repairs}: objects out of stored bundles by the one intake,
 *            then from {@linkplain dev.sheaf.repair.peer peers}, verified by the store; git packs by
 *            {@link dev.sheaf.repair.GitRecovery}; what cannot come back goes into the
 *            {@link dev.sheaf.repair.LossLedger}
 *   let go   {@link dev.sheaf.repair.Surplus}: bundles that other sites are to have, and do have
 * </pre>
 *
 * <p>{@link dev.sheaf.repair.Cycle} goes through bundles, packs, git packs and objects, saves how
 * far it is after each batch ({@link dev.sheaf.repair.RepairTracker}), and goes on in another
 * invocation when its time is up. Nothing is pulled and nothing deleted on doubt: a miss is
 * confirmed by a HEAD, a false object by reading it, a delete names what it has seen.
 */
@NullMarked
package dev.sheaf.repair;

import org.jspecify.annotations.NullMarked;
