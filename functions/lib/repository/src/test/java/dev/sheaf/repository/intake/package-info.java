@NullMarked
package dev.sheaf.repository.intake;

import org.jspecify.annotations.NullMarked;
