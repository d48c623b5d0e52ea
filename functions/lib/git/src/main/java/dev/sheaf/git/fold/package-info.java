/**
 * Keeps a repository's packs few. {@link dev.sheaf.git.fold.FoldPlan} says what is to be done and
 * why, without doing it; {@link dev.sheaf.git.fold.Folder} makes the new packs in temp space, and
 * changes nothing that anybody sees. Which packs a repository consists of afterwards is the
 * catalog's to say.
 */
@NullMarked
package dev.sheaf.git.fold;

import org.jspecify.annotations.NullMarked;
