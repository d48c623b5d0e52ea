@NullMarked
package dev.sheaf.cli.journal;

import org.jspecify.annotations.NullMarked;
