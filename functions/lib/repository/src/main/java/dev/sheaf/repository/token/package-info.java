/**
 * Access tokens as a site stores them: minted once, kept as hashes. The text of the list is a JSON
 * array of entries ({@link dev.sheaf.repository.token.TokenEntry}).
 */
@NullMarked
package dev.sheaf.repository.token;

import org.jspecify.annotations.NullMarked;
