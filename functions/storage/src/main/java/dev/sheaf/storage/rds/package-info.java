@NullMarked
package dev.sheaf.storage.rds;

import org.jspecify.annotations.NullMarked;
