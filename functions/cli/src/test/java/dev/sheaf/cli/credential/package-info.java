@NullMarked
package dev.sheaf.cli.credential;

import org.jspecify.annotations.NullMarked;
