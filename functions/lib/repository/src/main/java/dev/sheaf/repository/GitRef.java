package dev.sheaf.repository;

import dev.sheaf.bundle.RefName;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A ref of a git repository.
 *
 * @param name its full name
 * @param target the object that it points to
 * @param peeled what an annotated tag leads to in the end; null where the target is no tag
 * @param unprovenBy the job that is to prove what the ref points to; null once that is proven
 */
public record GitRef(
    RefName name, ObjectId target, @Nullable ObjectId peeled, @Nullable String unprovenBy) {}
