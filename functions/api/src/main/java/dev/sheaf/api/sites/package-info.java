/** What other sites ask for: the operation log, snapshots, blobs, and how these stand. */
@NullMarked
package dev.sheaf.api.sites;

import org.jspecify.annotations.NullMarked;
