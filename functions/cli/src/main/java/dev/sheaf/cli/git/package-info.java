/**
 * A git repository as Sheaf reads it. {@link dev.sheaf.cli.git.GitSource} opens one and refuses
 * what cannot be carried; {@link dev.sheaf.cli.git.RefList} says what its refs are; {@link
 * dev.sheaf.cli.git.Trees} shows tree objects as the files that a manifest can name. Nothing here
 * knows bundles or servers.
 */
@NullMarked
package dev.sheaf.cli.git;

import org.jspecify.annotations.NullMarked;
