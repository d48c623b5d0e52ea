/**
 * From an upload to a function: S3's notification, the queue it goes to, and the event source
 * mapping that takes messages from the queue to the function.
 */
@NullMarked
package dev.sheaf.localstack.embedded.queue;

import org.jspecify.annotations.NullMarked;
