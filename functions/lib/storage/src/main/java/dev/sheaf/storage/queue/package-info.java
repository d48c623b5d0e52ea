/** Messages that wake a function up. */
@NullMarked
package dev.sheaf.storage.queue;

import org.jspecify.annotations.NullMarked;
