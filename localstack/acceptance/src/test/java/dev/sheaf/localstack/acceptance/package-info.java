/**
 * What every stack must do, told over its public surfaces alone: HTTP, S3 and SQS. Runs against a
 * stack of its own in this JVM, or against the one that {@link
 * dev.sheaf.localstack.acceptance.Target} finds in the environment.
 */
@NullMarked
package dev.sheaf.localstack.acceptance;

import org.jspecify.annotations.NullMarked;
