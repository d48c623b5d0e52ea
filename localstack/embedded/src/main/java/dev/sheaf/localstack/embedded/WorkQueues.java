package dev.sheaf.localstack.embedded;

import dev.sheaf.localstack.servers.sqs.SqsServer;
import java.io.IOException;
import java.time.Duration;

/**
 * The queues of a site, as infra/ sets them.
 *
 * @param uploads to be indexed
 * @param repairs that go on
 * @param follows of peers that do not wait for the schedule
 */
record WorkQueues(SqsServer.Queue uploads, SqsServer.Queue repairs, SqsServer.Queue follows) {
  private static final Duration VISIBILITY = HostedFunctions.INDEX_TIMEOUT.plusMinutes(5);
  private static final int MAX_RECEIVES = 3;

  static WorkQueues create(SqsServer sqs) throws IOException {
    return new WorkQueues(
        sqs.createQueue("sheaf-uploads", VISIBILITY, MAX_RECEIVES),
        sqs.createQueue("sheaf-repairs", VISIBILITY, MAX_RECEIVES),
        sqs.createQueue("sheaf-follows", VISIBILITY, MAX_RECEIVES));
  }
}
