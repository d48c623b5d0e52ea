@NullMarked
package dev.sheaf.storage;

import org.jspecify.annotations.NullMarked;
