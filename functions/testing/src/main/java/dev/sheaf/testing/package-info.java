@NullMarked
package dev.sheaf.testing;

import org.jspecify.annotations.NullMarked;
