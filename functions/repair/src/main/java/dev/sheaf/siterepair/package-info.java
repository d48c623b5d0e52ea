/**
 * The function that a schedule calls to look after what the bucket holds. {@link
 * dev.sheaf.siterepair.RepairHandler} parses and answers; all else is in {@link dev.sheaf.repair}.
 */
@NullMarked
package dev.sheaf.siterepair;

import org.jspecify.annotations.NullMarked;
