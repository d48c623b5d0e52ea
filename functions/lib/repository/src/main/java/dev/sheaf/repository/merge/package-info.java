/**
 * Few bundles for a clone of a muse repository that was pushed in many small ones.
 *
 * <p>{@link dev.sheaf.repository.merge.MergePlan} decides by sizes alone, {@link
 * dev.sheaf.repository.merge.BundleMerger} writes one bundle out of several, {@link
 * dev.sheaf.repository.merge.Merges} has the catalog name it. What was uploaded stays as it is: a
 * merged bundle is derived, and a plan that wants a part of it names the uploads.
 */
@NullMarked
package dev.sheaf.repository.merge;

import org.jspecify.annotations.NullMarked;
