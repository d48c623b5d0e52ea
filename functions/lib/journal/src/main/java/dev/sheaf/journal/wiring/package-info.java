/** The real clocks and randomness of a process. */
@NullMarked
package dev.sheaf.journal.wiring;

import org.jspecify.annotations.NullMarked;
