/**
 * Tokens that are kept between commands, each for one origin: in a file that nobody else may read,
 * or in whatever git's credential helpers use; and the proxies that git's configuration names.
 */
@NullMarked
package dev.sheaf.cli.credential;

import org.jspecify.annotations.NullMarked;
