@NullMarked
package dev.sheaf.repair;

import org.jspecify.annotations.NullMarked;
