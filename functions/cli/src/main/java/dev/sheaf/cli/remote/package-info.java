/**
 * Git's own way to a site: {@link dev.sheaf.cli.remote.RemoteHelper} speaks the protocol of
 * gitremote-helpers(7), so that {@code git clone sheaf::https://host/owner/repo}, {@code fetch} and
 * {@code push} work in any repository.
 */
@NullMarked
package dev.sheaf.cli.remote;

import org.jspecify.annotations.NullMarked;
