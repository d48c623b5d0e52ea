/** Builds what the compaction function stands on from environment variables. */
@NullMarked
package dev.sheaf.compaction.wiring;

import org.jspecify.annotations.NullMarked;
