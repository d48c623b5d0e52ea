/** Tests of the folders that clones are built in. */
@NullMarked
package dev.sheaf.cli.clone;

import org.jspecify.annotations.NullMarked;
