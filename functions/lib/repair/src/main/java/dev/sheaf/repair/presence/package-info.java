/**
 * What is in the bucket, known from one listing: {@link dev.sheaf.repair.presence.PresenceLister}
 * lists ranges of keys side by side into a {@link dev.sheaf.repair.presence.PresenceIndex}, 48
 * bytes a key. Where no listing can be believed {@link dev.sheaf.repair.presence.HeadPresence} asks
 * key by key, and every answer is the same.
 */
@NullMarked
package dev.sheaf.repair.presence;

import org.jspecify.annotations.NullMarked;
