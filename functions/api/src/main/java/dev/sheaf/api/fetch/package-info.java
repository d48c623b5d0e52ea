/**
 * Routes that give a client history and content: inline, as a prepared pack, or as a plan of stored
 * bundles to be read from S3.
 */
@NullMarked
package dev.sheaf.api.fetch;

import org.jspecify.annotations.NullMarked;
