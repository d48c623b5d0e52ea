/** The catalog on Aurora Postgres through the RDS Data API. */
@NullMarked
package dev.sheaf.storage.rds;

import org.jspecify.annotations.NullMarked;
