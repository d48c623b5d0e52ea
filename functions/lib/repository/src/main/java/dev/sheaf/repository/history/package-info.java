/**
 * The history of a muse repository: which bundles came, and what they hold.
 *
 * <pre>
 *   bundles    Bundles, page by page from a PlanPosition
 *   commits    Commits reads what CommitRows wrote; Ancestry, HistoryWalk and Descent follow parents
 *   snapshots  Snapshots reads what SnapshotRows wrote; SnapshotPlan says which come as a difference
 *              to another one
 *   objects    RepositoryObjects reads; ObjectRows and ObjectWrites note what a repository has proven
 *              to possess
 *   pushes     Prior is what a repository has already of what a push names
 * </pre>
 */
@NullMarked
package dev.sheaf.repository.history;

import org.jspecify.annotations.NullMarked;
