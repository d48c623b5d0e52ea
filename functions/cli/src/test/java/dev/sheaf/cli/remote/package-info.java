/** Tests of git-remote-sheaf with the installed git. */
@NullMarked
package dev.sheaf.cli.remote;

import org.jspecify.annotations.NullMarked;
