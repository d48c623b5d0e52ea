/**
 * Pushing a git repository: {@link dev.sheaf.cli.push.Pusher} compares it with the server, sends
 * what is missing as bundles and moves the branches with the last one.
 */
@NullMarked
package dev.sheaf.cli.push;

import org.jspecify.annotations.NullMarked;
