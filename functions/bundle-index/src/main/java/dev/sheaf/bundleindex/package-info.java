/**
 * The main job: an upload to S3 becomes objects, rows and refs.
 *
 * <pre>
 *   message   BundleIndexHandler takes a batch of the queue; BundleIndex makes a job of each upload
 *             (QueueMessage), so that it is done once however often its event comes
 *   lane      Lane runs the jobs of one repository, oldest first; Failures says which errors end one
 *             for good, DeadLetters keeps what was given up
 *   job       BundleIndexer reads the bundle in one GET (Arrival), puts its objects as they come, and
 *             has IndexTransaction make everything visible at once; GitIndexer does so for packs
 *   report    IndexReport: what came, and how long each phase took
 * </pre>
 *
 * <p>What is read, proven and stored, and how, is {@code dev.sheaf.repository.intake} and {@code
 * dev.sheaf.repository.git}: {@code api} does the same for small pushes that somebody waits for.
 */
@NullMarked
package dev.sheaf.bundleindex;

import org.jspecify.annotations.NullMarked;
