/** Other sites over HTTP. */
@NullMarked
package dev.sheaf.peersync.http;

import org.jspecify.annotations.NullMarked;
