/**
 * The commands: each parses what the user typed, calls what does the work in a package below, and
 * prints the outcome.
 */
@NullMarked
package dev.sheaf.cli;

import org.jspecify.annotations.NullMarked;
