/**
 * A git repository here. {@link dev.sheaf.cli.git.LocalRepository} is one as the installed git
 * ({@link dev.sheaf.cli.git.GitProgram}) reads it; pushes and clones know no other. {@link
 * dev.sheaf.cli.git.GitSource} reads one by JGit, for muse bundles: {@link dev.sheaf.cli.git.Trees}
 * shows tree objects as the files that a manifest can name.
 */
@NullMarked
package dev.sheaf.cli.git;

import org.jspecify.annotations.NullMarked;
