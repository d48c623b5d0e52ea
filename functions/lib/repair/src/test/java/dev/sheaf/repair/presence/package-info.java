@NullMarked
package dev.sheaf.repair.presence;

import org.jspecify.annotations.NullMarked;
