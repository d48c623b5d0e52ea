/**
 * Who makes a request: tokens of the site's list ({@link dev.sheaf.repository.token}), checked in
 * constant time.
 */
@NullMarked
package dev.sheaf.api.token;

import org.jspecify.annotations.NullMarked;
