/**
 * Tokens that are kept between commands, each for one origin: in a file that nobody else may read,
 * or in whatever git's credential helpers use.
 */
@NullMarked
package dev.sheaf.cli.credential;

import org.jspecify.annotations.NullMarked;
