/**
 * Repositories as the catalog knows them. One class to a table, or to a side of one: who reads it,
 * and who writes it under the repository's lock ({@link dev.sheaf.repository.BranchMoves}). Each
 * package below stands on those before it, none on one after it.
 *
 * <pre>
 *   column        how much goes through the Data API, whose statements, results and rows are bounded
 *   history       muse: bundles, commits, snapshots and objects
 *   (here)
 *     repositories  Repos, PublicRepos, RepoNames, RepoWrites (what travels), Homes; Deletions hide
 *                   one, Purges say what goes for good
 *     muse refs     Refs reads; BranchMoves moves by MoveRules, within RefLimits; JobMoves is what a
 *                   push has moved before its bundle was read
 *     git           GitPacks; GitRefTable reads refs, GitRefWrites writes them, GitRefMoves holds
 *                   those that are not proven yet; SpentUploads
 *     sites         Travelling names what other sites are told, SiteLog and GitTelling tell it;
 *                   HomeFence judges what they tell us (HomeJudgement), TakenOver names what
 *                   came too late, HomeAnswers says so;
 *                   WantedBundles and WantedPacks are what has not come yet; StoredBlobs
 *                   is what a peer may fetch
 *   job           what is to be done about an upload, one after the other in a repository
 *   intake, git   how content comes in: objects one by one, and packs that stay whole
 *   merge         few bundles for a clone out of many
 *   inventory     what is to be in the bucket, page by page, and what a rebuild makes of it
 *   token         who may do what
 * </pre>
 */
@NullMarked
package dev.sheaf.repository;

import org.jspecify.annotations.NullMarked;
