package dev.sheaf.cli.bundling;

import org.eclipse.jgit.lib.ObjectId;

/**
 * A blob that occurs in a range for the first time.
 *
 * @param blob its SHA-1
 * @param path where it occurs first
 * @param sequence position in history: of two versions of a file, the later one has the larger
 *     number
 */
record NewBlob(ObjectId blob, String path, int sequence) {}
