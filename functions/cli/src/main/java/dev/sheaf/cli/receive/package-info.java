/**
 * Getting a git repository: {@link dev.sheaf.cli.receive.Cloner} makes one, {@link
 * dev.sheaf.cli.receive.ObjectFetcher} brings what one lacks. Packs come straight from the store;
 * {@code git index-pack} computes the id of every object, and no ref is written before git has
 * found everything that it reaches.
 */
@NullMarked
package dev.sheaf.cli.receive;

import org.jspecify.annotations.NullMarked;
