package dev.sheaf.cli.git;

import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Where a branch or a tag points.
 *
 * @param target the object that the ref names: a commit or an annotated tag
 * @param commit the commit that is reached through the tags
 * @param tags content of the annotated tag objects on the way, outermost first
 */
public record RefTarget(ObjectId target, ObjectId commit, List<byte[]> tags) {}
