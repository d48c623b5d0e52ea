/**
 * Access tokens: minted once, stored as hashes, checked in constant time. The text that a site
 * stores is a JSON list of entries ({@link dev.sheaf.api.token.TokenEntry}).
 */
@NullMarked
package dev.sheaf.api.token;

import org.jspecify.annotations.NullMarked;
