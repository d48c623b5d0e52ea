package dev.sheaf.peersync;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.FollowRequests;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.storage.wiring.Rehearsal;
import dev.sheaf.storage.wiring.SnapStart;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the peers of a site. Input: whatever a schedule sends; or messages of its own queue, each
 * a request not to wait for that. Output: what came of it, by peer; for messages, those that
 * failed: none, since one that fails does so with its invocation.
 *
 * <p>Two of them at once do no harm: what one has begun the other leaves alone.
 */
public final class PeerSyncHandler
    implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final Logger LOG = LoggerFactory.getLogger(PeerSyncHandler.class);

  private final PeerSync sync;

  /** For Lambda: configured by the process's environment. */
  public PeerSyncHandler() {
    this(System.getenv());
    SnapStart.before(PeerSyncHandler::rehearse);
  }

  /** Configured by these variables in place of the process's. */
  public PeerSyncHandler(Map<String, String> environment) {
    this(PeerSync.of(environment));
  }

  PeerSyncHandler(PeerSync sync) {
    this.sync = sync;
  }

  /**
   * A tick with a peer that answers nonsense; returns what it reports. Nothing is drawn at random:
   * the generator must not have begun when a snapshot is taken.
   */
  static Map<String, Object> rehearse() {
    try (Rehearsal aws = Rehearsal.start(CatalogSchema.migrations().latest())) {
      aws.useObjects();
      Map<String, String> environment = new HashMap<>(aws.environment());
      environment.put("SHEAF_SELF", "https://rehearsal.example");
      environment.put("SHEAF_PEERS", aws.environment().get("AWS_ENDPOINT_URL"));
      PeerSync sync = PeerSync.of(environment, () -> new Random(0));
      return sync.run("rehearsal", () -> 60_000).toMap();
    }
  }

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    if (event.get("Records") instanceof List<?> messages) {
      messages.forEach(message -> handleMessage(message, context));
      return Map.of("batchItemFailures", List.of());
    }
    return told(() -> sync.run(context.getAwsRequestId(), context::getRemainingTimeInMillis))
        .toMap();
  }

  /** One that cannot be read asks for nothing. */
  private void handleMessage(@Nullable Object message, Context context) {
    Object body = message instanceof Map<?, ?> fields ? fields.get("body") : null;
    OptionalLong number = FollowRequests.parse(String.valueOf(body));
    if (number.isEmpty()) {
      LOG.warn("a message asks for nothing: {}", body);
      return;
    }
    told(() ->
        sync.runFor(
                number.getAsLong(), context.getAwsRequestId(), context::getRemainingTimeInMillis)
            .orElse(TickReport.NONE));
  }

  /** Fails as a whole when this site itself is at fault: Lambda counts it, an alarm watches. */
  private static TickReport told(Supplier<TickReport> run) {
    try {
      TickReport report = run.get();
      LOG.info("{}", report.logLine());
      return report;
    } catch (SheafException e) {
      LOG.error("peers were not followed; reason={}", e.getMessage());
      throw e;
    }
  }
}
