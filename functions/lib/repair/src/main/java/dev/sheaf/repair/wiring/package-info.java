/** The cycle on the real ports of a site. */
@NullMarked
package dev.sheaf.repair.wiring;

import org.jspecify.annotations.NullMarked;
