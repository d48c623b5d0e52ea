/** Which sites are to hold a piece of content. */
@NullMarked
package dev.sheaf.repair.placement;

import org.jspecify.annotations.NullMarked;
