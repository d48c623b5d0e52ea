@NullMarked
package dev.sheaf.repository.git;

import org.jspecify.annotations.NullMarked;
