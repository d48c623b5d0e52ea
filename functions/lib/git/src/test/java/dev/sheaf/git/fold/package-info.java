@NullMarked
package dev.sheaf.git.fold;

import org.jspecify.annotations.NullMarked;
