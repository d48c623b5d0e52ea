@NullMarked
package dev.sheaf.bundle;

import org.jspecify.annotations.NullMarked;
