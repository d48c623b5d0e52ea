/**
 * Repositories as the catalog knows them. One class to a table, or to a side of one: who reads it,
 * and who writes it under the repository's lock ({@link dev.sheaf.repository.BranchMoves}).
 *
 * <pre>
 *   repositories  Repos, PublicRepos, RepoWrites (what travels), Homes
 *   jobs          Jobs: JobEntries puts them into their lane, JobClaims runs them, JobRefs and
 *                 JobMoves say what becomes of the refs that they carry; ExpectedUploads, WakeUp
 *   muse          Bundles, Commits, Snapshots, RepositoryObjects and their rows (CommitRows,
 *                 SnapshotRows, ObjectRows); history is walked by Ancestry, HistoryWalk, Descent
 *   muse refs     Refs reads; BranchMoves moves by MoveRules, within RefLimits
 *   git           GitPacks, FoldRows; GitRefTable reads refs, GitRefWrites writes them,
 *                 GitRefMoves holds those that are not proven yet; SpentUploads
 *   sites         Travelling names what other sites are told, SiteLog and GitTelling tell it;
 *                 HomeFence judges what they tell us, TakenOver names what came too late;
 *                 WantedBundles, WantedPacks and AwaitedRefs are what has not come yet
 *   repair        Inventory and GitInventory: what is to be in the bucket, page by page;
 *                 RecordRows and RebuildRows: what a rebuild needs, and makes of it
 *   wide values   Packed, PackedRows, PgArray, IdBlob, BlobColumn, WideRead: how much goes through
 *                 the Data API, whose statements, results and rows are bounded
 * </pre>
 *
 * <p>Content comes in through {@code repository.intake}, git histories through {@code
 * repository.git}; tokens are in {@code repository.token}.
 */
@NullMarked
package dev.sheaf.repository;

import org.jspecify.annotations.NullMarked;
