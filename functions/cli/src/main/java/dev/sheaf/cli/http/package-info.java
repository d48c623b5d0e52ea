/**
 * Talking to a Sheaf site: {@link dev.sheaf.cli.http.RepositoryClient} has one method a route,
 * {@link dev.sheaf.cli.http.Transport} sends, repeats what may be repeated, and counts.
 */
@NullMarked
package dev.sheaf.cli.http;

import org.jspecify.annotations.NullMarked;
