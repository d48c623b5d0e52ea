@NullMarked
package dev.sheaf.ops;

import org.jspecify.annotations.NullMarked;
