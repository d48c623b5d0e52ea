/**
 * From git to muse, the one way: {@link dev.sheaf.cli.bundling.Bundler} writes a history into one
 * plain bundle. Nothing here talks to a server.
 */
@NullMarked
package dev.sheaf.cli.bundling;

import org.jspecify.annotations.NullMarked;
