/**
 * The words that all of Sheaf uses: {@link dev.sheaf.bundle.ContentId names of content}, {@link
 * dev.sheaf.bundle.Content content}, {@link dev.sheaf.bundle.ObjectKeys keys in the bucket} and
 * {@link dev.sheaf.bundle.SheafException errors}. The format itself is in the packages below, each
 * of which knows only those before it: {@code msgpack} (the notation), {@code history} (what a
 * bundle says), {@code codec} (how it is written and read), {@code check} (whether it is true).
 */
@NullMarked
package dev.sheaf.bundle;

import org.jspecify.annotations.NullMarked;
