/**
 * Where configuration, clocks, randomness and real clients come from. The only place that reads
 * them; everything else is handed what it needs.
 */
@NullMarked
package dev.sheaf.storage.wiring;

import org.jspecify.annotations.NullMarked;
