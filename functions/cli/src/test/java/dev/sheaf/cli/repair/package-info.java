@NullMarked
package dev.sheaf.cli.repair;

import org.jspecify.annotations.NullMarked;
