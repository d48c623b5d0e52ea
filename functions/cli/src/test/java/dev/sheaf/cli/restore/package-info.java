@NullMarked
package dev.sheaf.cli.restore;

import org.jspecify.annotations.NullMarked;
