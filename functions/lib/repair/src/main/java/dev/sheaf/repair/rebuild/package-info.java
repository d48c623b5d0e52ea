/**
 * The catalog out of the bucket.
 *
 * <p>What only the catalog knows of a repository is written down beside it: {@link
 * dev.sheaf.repair.rebuild.RepositoryRecords} in each cycle of repair, a git repository's manifest
 * with each of its changes. {@link dev.sheaf.repair.rebuild.Rebuild} makes repositories, refs and
 * packs of these, and lets bundles be taken in again, in their order, by the jobs that took them in
 * the first time.
 */
@NullMarked
package dev.sheaf.repair.rebuild;

import org.jspecify.annotations.NullMarked;
