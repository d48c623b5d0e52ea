/**
 * What has to be in the bucket, read page by page by key ({@link
 * dev.sheaf.repository.inventory.Inventory}, {@link dev.sheaf.repository.inventory.GitInventory}),
 * and the way back: {@link dev.sheaf.repository.inventory.RecordRows} tells what only the catalog
 * knew of a repository, {@link dev.sheaf.repository.inventory.RebuildRows} makes rows of it again.
 */
@NullMarked
package dev.sheaf.repository.inventory;

import org.jspecify.annotations.NullMarked;
