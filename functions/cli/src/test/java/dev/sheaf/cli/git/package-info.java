@NullMarked
package dev.sheaf.cli.git;

import org.jspecify.annotations.NullMarked;
