/** Tests of clones and of what a server may do to them. */
@NullMarked
package dev.sheaf.cli.receive;

import org.jspecify.annotations.NullMarked;
