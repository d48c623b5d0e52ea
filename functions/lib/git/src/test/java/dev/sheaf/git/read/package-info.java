@NullMarked
package dev.sheaf.git.read;

import org.jspecify.annotations.NullMarked;
