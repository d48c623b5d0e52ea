/**
 * Push and clone in one process that needs nothing else: {@link
 * dev.sheaf.cli.rehearsal.RehearseCommand} is what the launcher trains the JVM's ahead-of-time
 * cache with.
 */
@NullMarked
package dev.sheaf.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
