package dev.sheaf.cli.bundling;

import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/**
 * The commits of one bundle.
 *
 * @param commits parents first; parents that are not among them are in an earlier range or known to
 *     the server
 * @param newBytes raw size of the blobs that occur here first
 * @param newBlobs number of these blobs
 */
public record CommitRange(List<ObjectId> commits, long newBytes, int newBlobs) {}
