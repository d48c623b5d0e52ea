@NullMarked
package dev.sheaf.repair.placement;

import org.jspecify.annotations.NullMarked;
