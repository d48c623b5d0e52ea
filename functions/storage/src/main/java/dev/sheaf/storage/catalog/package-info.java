@NullMarked
package dev.sheaf.storage.catalog;

import org.jspecify.annotations.NullMarked;
