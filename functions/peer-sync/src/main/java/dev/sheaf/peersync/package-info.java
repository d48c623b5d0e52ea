/**
 * The function that a schedule calls every minute to follow other sites.
 *
 * <p>{@link dev.sheaf.peersync.PeerSyncHandler} parses and answers, {@link
 * dev.sheaf.peersync.PeerSync} follows all peers side by side, {@link
 * dev.sheaf.peersync.BundleCopies} fetches the bundles that they told of, {@link
 * dev.sheaf.peersync.GitCopies} the packs of git repositories, {@link
 * dev.sheaf.peersync.TickReport} says what happened.
 */
@NullMarked
package dev.sheaf.peersync;

import org.jspecify.annotations.NullMarked;
