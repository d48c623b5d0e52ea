/**
 * Pushing a git repository: {@link dev.sheaf.cli.send.Pusher} compares the refs on both sides and
 * has {@link dev.sheaf.cli.send.PackSender} upload one git bundle of what the server lacks; the
 * announcement of it moves the refs, each only from where it was seen.
 */
@NullMarked
package dev.sheaf.cli.send;

import org.jspecify.annotations.NullMarked;
