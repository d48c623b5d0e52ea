/** A local SQS: ElasticMQ behind {@link SqsServer}. Messages live in memory. */
@NullMarked
package dev.sheaf.localstack.servers.sqs;

import org.jspecify.annotations.NullMarked;
