/** Routes that show what a repository holds: refs, commits, trees, objects and jobs. */
@NullMarked
package dev.sheaf.api.browse;

import org.jspecify.annotations.NullMarked;
