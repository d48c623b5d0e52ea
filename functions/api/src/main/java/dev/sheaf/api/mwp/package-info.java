/**
 * The routes of the {@code muse} client's wire protocol (bundle.md section 7): what it sends piece
 * by piece becomes one bundle in the store, taken in like any other.
 */
@NullMarked
package dev.sheaf.api.mwp;

import org.jspecify.annotations.NullMarked;
