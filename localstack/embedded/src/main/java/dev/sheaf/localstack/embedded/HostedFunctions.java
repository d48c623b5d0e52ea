package dev.sheaf.localstack.embedded;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import dev.sheaf.compaction.CompactionHandler;
import dev.sheaf.localstack.embedded.gateway.RestGateway;
import dev.sheaf.localstack.embedded.lambda.LocalFunction;
import dev.sheaf.localstack.embedded.queue.EventSourceMapping;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.localstack.servers.sqs.SqsServer;
import dev.sheaf.peersync.PeerSyncHandler;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.siterepair.RepairHandler;
import dev.sheaf.storage.wiring.Machine;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The functions of a site as infra/ hosts them: each with its limits, and behind its queue, its
 * schedule or the gateway.
 */
final class HostedFunctions {
  /** As infra/ sets them. */
  static final Duration INDEX_TIMEOUT = Duration.ofMinutes(15);

  private static final Duration API_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration COMPACTION_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration REPAIR_TIMEOUT = Duration.ofMinutes(15);
  private static final Duration PEER_SYNC_TIMEOUT = Duration.ofMinutes(5);
  private static final int BATCH_SIZE = 1;

  private static final int INDEX_CONCURRENCY = 2;
  private static final int PEER_SYNC_CONCURRENCY = 2;
  private static final int API_CONCURRENCY = 16;

  private final EmbeddedStack.Builder settings;
  private final Parts parts;
  private final WorkQueues queues;
  private final SqsClient sqs;
  private final Supplier<Map<String, String>> environment;
  private @Nullable LocalFunction peerSync;

  /**
   * @param parts takes what is started
   * @param environment the variables of a function
   */
  HostedFunctions(
      EmbeddedStack.Builder settings,
      Parts parts,
      WorkQueues queues,
      SqsClient sqs,
      Supplier<Map<String, String>> environment) {
    this.settings = settings;
    this.parts = parts;
    this.queues = queues;
    this.sqs = sqs;
    this.environment = environment;
  }

  void start(RestGateway gateway) throws IOException {
    feed(queues.uploads(), parts.add(indexFunction()), INDEX_CONCURRENCY);
    gateway.serve(parts.add(apiFunction()));
    schedule("compaction", settings.compactionEvery, parts.add(compactionFunction()));
    LocalFunction repair = parts.add(repairFunction());
    feed(queues.repairs(), repair, 1);
    schedule("repair", settings.repairEvery, repair);
    if (!environment.get().getOrDefault("SHEAF_PEERS", "").isEmpty()) {
      peerSync = parts.add(peerSyncFunction());
      feed(queues.follows(), peerSync, PEER_SYNC_CONCURRENCY);
      schedule("peer-sync", settings.peerSyncEvery, peerSync);
    }
    parts.add(Schedule.start("wake-up", settings.wakeEvery, _ -> wakeAll(), Machine.CLOCK));
  }

  private void feed(SqsServer.Queue work, LocalFunction function, int concurrency) {
    parts.add(
        EventSourceMapping.start(
            sqs,
            new EventSourceMapping.Source(
                work.url().toString(),
                work.arn(),
                LocalServers.REGION,
                BATCH_SIZE,
                concurrency,
                settings.retryAfter),
            function));
  }

  private void schedule(String name, Duration every, LocalFunction function) {
    parts.add(Schedule.start(name, every, function::invoke, Machine.CLOCK));
  }

  /** What the rule of the deployed stack sends: jobs whose message was lost are run, too. */
  void wakeAll() {
    sqs.sendMessage(
        m -> m.queueUrl(queues.uploads().url().toString()).messageBody(WakeUp.ALL.body()));
  }

  /** One tick, whatever the schedule; nothing for a site without peers. */
  void followPeers() throws InterruptedException {
    if (peerSync != null) {
      peerSync.invoke("{}");
    }
  }

  private LocalFunction indexFunction() {
    return LocalFunction.of(
        new LocalFunction.Settings("bundle-index", 1024, INDEX_TIMEOUT, INDEX_CONCURRENCY),
        SQSEvent.class,
        SQSBatchResponse.class,
        () -> settings.index.apply(environment.get()),
        Machine.IDS,
        Machine.TICKER);
  }

  private LocalFunction apiFunction() {
    return LocalFunction.of(
        new LocalFunction.Settings("api", 1024, API_TIMEOUT, API_CONCURRENCY),
        APIGatewayProxyRequestEvent.class,
        APIGatewayProxyResponseEvent.class,
        () -> settings.api.apply(environment.get()),
        Machine.IDS,
        Machine.TICKER);
  }

  private LocalFunction compactionFunction() {
    return scheduledFunction(
        new LocalFunction.Settings("compaction", 1024, COMPACTION_TIMEOUT, 1),
        () -> new CompactionHandler(environment.get()));
  }

  /** Two at a time: as in the deployed stack, a tick that lasts does not hold up the next one. */
  private LocalFunction peerSyncFunction() {
    return scheduledFunction(
        new LocalFunction.Settings("peer-sync", 1024, PEER_SYNC_TIMEOUT, PEER_SYNC_CONCURRENCY),
        () -> new PeerSyncHandler(environment.get()));
  }

  private LocalFunction repairFunction() {
    return scheduledFunction(
        new LocalFunction.Settings("repair", 1024, REPAIR_TIMEOUT, 1),
        () -> new RepairHandler(repairEnvironment()));
  }

  /** It has a queue of its own. */
  private Map<String, String> repairEnvironment() {
    Map<String, String> variables = new TreeMap<>(environment.get());
    variables.put("SHEAF_QUEUE_URL", queues.repairs().url().toString());
    return variables;
  }

  @SuppressWarnings("unchecked") // the handlers take any JSON object
  private static LocalFunction scheduledFunction(
      LocalFunction.Settings settings,
      Supplier<RequestHandler<Map<String, Object>, Map<String, Object>>> handler) {
    Class<Map<String, Object>> object = (Class<Map<String, Object>>) (Class<?>) Map.class;
    return LocalFunction.of(settings, object, object, handler, Machine.IDS, Machine.TICKER);
  }
}
