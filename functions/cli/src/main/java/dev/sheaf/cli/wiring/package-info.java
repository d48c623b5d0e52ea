/** Where the command line meets the real world: the process's streams, clock and randomness. */
@NullMarked
package dev.sheaf.cli.wiring;

import org.jspecify.annotations.NullMarked;
