/**
 * The function that a schedule calls to keep journals small and the packs of git repositories few.
 *
 * <p>{@link dev.sheaf.compaction.CompactionHandler} parses and answers, {@link
 * dev.sheaf.compaction.Compaction} goes through the namespaces, {@link
 * dev.sheaf.compaction.CompactionRun} says what happened; {@link dev.sheaf.compaction.PackFolding}
 * goes through the repositories.
 */
@NullMarked
package dev.sheaf.compaction;

import org.jspecify.annotations.NullMarked;
