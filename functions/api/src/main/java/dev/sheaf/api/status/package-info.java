/** What the site itself says about itself, to anybody. */
@NullMarked
package dev.sheaf.api.status;

import org.jspecify.annotations.NullMarked;
