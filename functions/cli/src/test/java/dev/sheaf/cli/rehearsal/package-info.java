@NullMarked
package dev.sheaf.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
