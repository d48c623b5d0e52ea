/**
 * The test kit: fakes stricter than the services they stand for, faults at any request, seeds,
 * clocks, and a checker that re-derives what a store and a catalog claim.
 */
@NullMarked
package dev.sheaf.testing;

import org.jspecify.annotations.NullMarked;
