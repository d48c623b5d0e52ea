/**
 * Jobs: one for each upload, run one after the other in the lane of their repository.
 *
 * <pre>
 *   JobEntries   puts a job into its lane, once however often its event comes
 *   JobClaims    begins the first of a lane, ends it well or badly, and takes it from a worker that
 *                never came back
 *   JobRefs      what becomes of the refs that the push had asked for
 *   ExpectedUploads   pushes whose bytes were announced and have not come
 *   WakeUp       the message that has a worker look
 * </pre>
 *
 * <p>{@link dev.sheaf.repository.job.Jobs} is the door.
 */
@NullMarked
package dev.sheaf.repository.job;

import org.jspecify.annotations.NullMarked;
