/** Both ports with their requests counted, for a job's result and for tests. */
@NullMarked
package dev.sheaf.storage.counting;

import org.jspecify.annotations.NullMarked;
