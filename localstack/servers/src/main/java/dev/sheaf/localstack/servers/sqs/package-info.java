/** A local SQS, its messages in memory. */
@NullMarked
package dev.sheaf.localstack.servers.sqs;

import org.jspecify.annotations.NullMarked;
