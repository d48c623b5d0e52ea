/** Who may do what with which repository. Every repository route goes through {@link Guard}. */
@NullMarked
package dev.sheaf.api.access;

import org.jspecify.annotations.NullMarked;
