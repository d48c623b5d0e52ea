/**
 * Bundles on the wire. {@link dev.sheaf.bundle.codec.BundleReader} streams a bundle into a {@link
 * dev.sheaf.bundle.codec.BundleSink}; objects arrive as {@link
 * dev.sheaf.bundle.codec.ReceivedObject}s that decode independently of one another. {@link
 * dev.sheaf.bundle.codec.ObjectEncoder} and {@link dev.sheaf.bundle.codec.BundleWriter} are the way
 * back.
 */
@NullMarked
package dev.sheaf.bundle.codec;

import org.jspecify.annotations.NullMarked;
