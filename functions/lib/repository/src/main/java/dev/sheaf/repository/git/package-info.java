/**
 * Git histories on their way into a repository: <em>read, prove, store, commit</em>, as everything
 * (see {@code dev.sheaf.repository.intake}), with other things to prove.
 *
 * <pre>
 *   read     BundleHeader, then PackIntake of dev.sheaf.git, into temp files
 *   prove    every id is computed from its bytes; what the pack names is in it or in the repository
 *   store    the pack and its index, under the SHA-256 of the pack
 *   commit   {@link dev.sheaf.repository.git.RefPlanner} decides about each ref; rows of packs and
 *            refs, and the end of the job, in one transaction
 * </pre>
 *
 * <p>{@link dev.sheaf.repository.git.GitPushes} takes in what a client announces and waits for,
 * {@link dev.sheaf.repository.git.GitJob} what a worker runs, {@link
 * dev.sheaf.repository.git.GitArrivals} what a peer told of. After each commit {@link
 * dev.sheaf.repository.git.GitManifests} writes the repository's manifest into the bucket.
 */
@NullMarked
package dev.sheaf.repository.git;

import org.jspecify.annotations.NullMarked;
