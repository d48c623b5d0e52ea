/**
 * What {@code sheaf rehearse} pushes, and where to: a push and a clone in one process that needs
 * nothing else, with which the launcher trains the JVM's ahead-of-time cache.
 */
@NullMarked
package dev.sheaf.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
