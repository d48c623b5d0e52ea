/**
 * The operation log: what sites tell one another about repositories, bundles and refs.
 *
 * <pre>
 *   ops        Op, named by a Ulid, in JSON by OpJson; RegisteredTable says what a record is
 *   write      in the transaction that makes the change: InlineOps for statements, OwnOps for single
 *              records, over OpLog; Stamp gives the ulids under the lock that orders appends
 *   serve      SweepServer gives pages (PageBody bounds them), SnapshotServer whole tables
 *   follow     SweepClient asks a SweepPeer and moves the Cursors, SnapshotClient heals a gap;
 *              FollowRequests are those who do not want to wait for the schedule
 *   apply      Applier writes a page, the younger op of a record stays (RecordWrites); Fence says
 *              which have a say, FailedOps keeps what cannot be written
 *   keep small Dormant and Retention plan what goes, and do it; nothing that a PeerStanding pins
 *   tell       OpsStatus, OpsCounter, PeerFaults
 * </pre>
 */
@NullMarked
package dev.sheaf.ops;

import org.jspecify.annotations.NullMarked;
