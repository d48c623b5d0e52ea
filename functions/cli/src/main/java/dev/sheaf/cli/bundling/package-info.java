/**
 * From git to bundles. {@link dev.sheaf.cli.bundling.RangePlanner} cuts a history into ranges of
 * about one bundle each, {@link dev.sheaf.cli.bundling.Bundler} writes a range into a file. A
 * bundle builds on the ones before it and on what the server has already; nothing here talks to a
 * server.
 */
@NullMarked
package dev.sheaf.cli.bundling;

import org.jspecify.annotations.NullMarked;
