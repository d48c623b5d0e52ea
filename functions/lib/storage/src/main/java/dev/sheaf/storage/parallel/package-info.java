/** Many store requests at once, bounded, on virtual threads. */
@NullMarked
package dev.sheaf.storage.parallel;

import org.jspecify.annotations.NullMarked;
