/**
 * The function that a schedule calls to keep journals small.
 *
 * <p>{@link dev.sheaf.compaction.CompactionHandler} parses and answers, {@link
 * dev.sheaf.compaction.Compaction} goes through the namespaces, {@link
 * dev.sheaf.compaction.CompactionRun} says what happened.
 */
@NullMarked
package dev.sheaf.compaction;

import org.jspecify.annotations.NullMarked;
