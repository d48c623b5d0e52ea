/**
 * Cloning into a git repository: {@link dev.sheaf.cli.clone.Cloner} downloads bundles, builds the
 * repository beside its final place and moves it there when it is complete and checked.
 */
@NullMarked
package dev.sheaf.cli.clone;

import org.jspecify.annotations.NullMarked;
