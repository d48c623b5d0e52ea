@NullMarked
package dev.sheaf.bundleindex;

import org.jspecify.annotations.NullMarked;
