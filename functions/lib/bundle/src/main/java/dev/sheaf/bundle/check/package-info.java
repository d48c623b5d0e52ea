/**
 * Looking at a bundle as a whole: {@link dev.sheaf.bundle.check.BundleInspection} says what is in
 * it, {@link dev.sheaf.bundle.check.BundleVerification} re-derives every id.
 */
@NullMarked
package dev.sheaf.bundle.check;

import org.jspecify.annotations.NullMarked;
