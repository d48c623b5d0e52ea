/**
 * The other sites, for whoever looks for bytes: who they are ({@link
 * dev.sheaf.repair.peer.PeerSites}), which of them are to have something and so are asked first
 * ({@link dev.sheaf.repair.peer.Peers}), and how one is asked ({@link
 * dev.sheaf.repair.peer.BlobPeer}).
 */
@NullMarked
package dev.sheaf.repair.peer;

import org.jspecify.annotations.NullMarked;
