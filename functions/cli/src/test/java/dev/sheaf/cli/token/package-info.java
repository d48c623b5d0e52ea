@NullMarked
package dev.sheaf.cli.token;

import org.jspecify.annotations.NullMarked;
