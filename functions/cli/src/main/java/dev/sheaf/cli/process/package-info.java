/**
 * What is around a command while it runs: its folder and environment, what it prints to, its
 * progress, clock and threads.
 */
@NullMarked
package dev.sheaf.cli.process;

import org.jspecify.annotations.NullMarked;
