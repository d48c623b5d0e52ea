/**
 * Sheaf in one JVM: local S3, SQS and Postgres, and the very handlers of functions/ hosted as AWS
 * hosts them. {@link EmbeddedStack} is the stack for tests, {@link EmbeddedMain} the program behind
 * {@code localstack/up}.
 */
@NullMarked
package dev.sheaf.localstack.embedded;

import org.jspecify.annotations.NullMarked;
