/**
 * The ports that everything above stands on: {@link dev.sheaf.storage.ObjectStore} for bytes,
 * {@link dev.sheaf.storage.catalog.Catalog} for rows. Adapters in {@code s3} and {@code rds}, real
 * clients in {@code wiring}; no other package of Sheaf's functions knows AWS.
 */
@NullMarked
package dev.sheaf.storage;

import org.jspecify.annotations.NullMarked;
