/**
 * The one way of content into a repository: <em>read, prove, store, commit</em>.
 *
 * <pre>
 *   read     a reader of a dialect hands objects and history to Intake.sink(); a bundle's reader is
 *            BundleReader, another dialect brings another one. Content that does not come as a
 *            stream of runs is offered one by one: Intake.offer(RawObject), Intake.history(...)
 *   prove    an object counts as the repository's own once its bytes were compared with its id:
 *            by the store, which checks the PUT's checksum, else by a SHA-256 here
 *   store    objects that the repository has not put yet, through one PutPool; small ones of a small
 *            push stay in the catalog until a job stores them (Keeping)
 *   commit   all rows in the caller's transaction: Intake.commit; whoever commits moves branches and
 *            ends the job in the same one
 * </pre>
 *
 * <p>Who uses it: the worker for uploaded bundles, {@link Pushes} for small ones that a client
 * waits for, and a push that came object by object and was made a bundle of.
 *
 * <pre>
 *   try (Intake intake = Intake.into(ports, repoId, Keeping.IN_STORE)) {
 *     intake.history(history);
 *     intake.prepare();                                  // guard, limits, all stored
 *     intake.transaction(moves -&gt; {                      // under the repository's lock
 *       ... register the bundle that stands for the push ...
 *       intake.commit(moves, bundle);
 *       moves.move(heads, rule, now);
 *     });
 *   }
 * </pre>
 *
 * <p>Nothing that a sender can see depends on what other repositories have: an id that only they
 * have is sent to the store like a new one, and no manifest may name it.
 */
@NullMarked
package dev.sheaf.repository.intake;

import org.jspecify.annotations.NullMarked;
