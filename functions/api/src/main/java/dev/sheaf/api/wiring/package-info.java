/** Builds what the api function stands on from environment variables. */
@NullMarked
package dev.sheaf.api.wiring;

import org.jspecify.annotations.NullMarked;
