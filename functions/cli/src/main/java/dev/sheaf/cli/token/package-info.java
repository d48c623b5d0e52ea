/**
 * {@code sheaf token}: the tokens that a site knows. The list holds hashes; a token itself is shown
 * once, to whoever had it made.
 */
@NullMarked
package dev.sheaf.cli.token;

import org.jspecify.annotations.NullMarked;
