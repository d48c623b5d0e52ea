@NullMarked
package dev.sheaf.git;

import org.jspecify.annotations.NullMarked;
