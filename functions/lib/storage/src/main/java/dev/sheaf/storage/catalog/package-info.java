/** The catalog: SQL over a Postgres that is reached request by request, and its limits. */
@NullMarked
package dev.sheaf.storage.catalog;

import org.jspecify.annotations.NullMarked;
