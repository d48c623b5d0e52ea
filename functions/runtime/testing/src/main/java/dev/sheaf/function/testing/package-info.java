/** What a handler's tests hand over beside the event. */
@NullMarked
package dev.sheaf.function.testing;

import org.jspecify.annotations.NullMarked;
