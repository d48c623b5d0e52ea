@NullMarked
package dev.sheaf.journal;

import org.jspecify.annotations.NullMarked;
