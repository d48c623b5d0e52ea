@NullMarked
package dev.sheaf.api;

import org.jspecify.annotations.NullMarked;
