@NullMarked
package dev.sheaf.peersync;

import org.jspecify.annotations.NullMarked;
