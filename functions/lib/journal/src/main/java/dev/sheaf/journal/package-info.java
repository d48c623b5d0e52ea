/**
 * A metadata database in S3 alone. {@link dev.sheaf.journal.Journal} is the door, and says what it
 * promises.
 *
 * <pre>
 *   keys        Namespace, Mark (the order of segments), SegmentIds
 *   format      SegmentCodec and RollupCodec, over OperationCodec and EnvelopeMembers; Rfc3339
 *   state       State holds what Operations made of it; StateReads reads it by type
 *   requests    NamespaceStore: all that a namespace asks of its bucket; NamespaceListing
 *   catch up    Tick brings a Replica up to its bucket; TickGate lets one at a time pass,
 *               BackgroundTicks keeps it going; Snapshot is a replica that starts now
 *   write       GroupCommit shares a segment among callers, SegmentWriter puts it; Appender writes
 *               without reading
 *   keep small  CompactionPlan decides, Ladder does it: delete what is folded, fold what is old;
 *               Compactor goes through a bucket on a schedule, by one Survey
 * </pre>
 *
 * <p>{@link dev.sheaf.journal.StoredJournal} puts these together; {@link
 * dev.sheaf.journal.InMemoryNamespaces} keeps the same contract without a store.
 */
@NullMarked
package dev.sheaf.journal;

import org.jspecify.annotations.NullMarked;
