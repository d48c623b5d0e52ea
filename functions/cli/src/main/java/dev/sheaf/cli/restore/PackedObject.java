package dev.sheaf.cli.restore;

import dev.sheaf.bundle.Content;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * An object ready for a pack.
 *
 * @param id its SHA-1
 * @param type one of JGit's {@code OBJ_} constants
 * @param base the object that it is a delta of, which must be in the pack by then; null when whole
 * @param inflatedSize length of what {@code body} inflates to: the object, or the delta
 * @param body deflated
 */
record PackedObject(
    ObjectId id, int type, @Nullable ObjectId base, long inflatedSize, Content body) {}
