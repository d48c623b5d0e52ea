package dev.sheaf.bundleindex;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.wiring.Rehearsal;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.storage.wiring.SnapStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The function behind the queue that S3 tells about uploaded bundles. Each message succeeds or
 * fails on its own; one that fails, since it could not even be noted, comes back, and goes to the
 * dead-letter queue after three deliveries. What was noted is seen to by the catalog's jobs.
 */
public final class BundleIndexHandler implements RequestHandler<SQSEvent, SQSBatchResponse> {
  private static final Logger log = LoggerFactory.getLogger(BundleIndexHandler.class);

  /** So often the queue delivers a message. */
  static final int DELIVERIES = 3;

  private final BundleIndex index;

  /** For Lambda: configured by the process's environment. */
  public BundleIndexHandler() {
    this(System.getenv());
    SnapStart.before(BundleIndexHandler::rehearse);
  }

  /** Configured by these variables in place of the process's. */
  public BundleIndexHandler(Map<String, String> environment) {
    this(BundleIndex.of(Site.from(environment)));
  }

  BundleIndexHandler(BundleIndex index) {
    this.index = index;
  }

  /**
   * A wake-up for a repository without jobs. The one id that it needs is not drawn: the generator
   * must not have begun when a snapshot is taken.
   */
  static void rehearse() {
    try (Rehearsal aws = Rehearsal.start(CatalogSchema.migrations().latest())) {
      aws.useObjects();
      BundleIndex.of(Site.from(aws.environment()), () -> "rehearsal")
          .handle(WakeUp.of("rehearsal").body(), () -> 60_000L);
    }
  }

  @Override
  public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
    List<SQSBatchResponse.BatchItemFailure> failures = new ArrayList<>();
    for (SQSEvent.SQSMessage message : event.getRecords()) {
      if (!handle(message, context)) {
        failures.add(new SQSBatchResponse.BatchItemFailure(message.getMessageId()));
      }
    }
    index.writeActivity(context::getRemainingTimeInMillis);
    return new SQSBatchResponse(failures);
  }

  /** Whether the message goes to the dead letters unless this invocation comes back. */
  private static boolean isLast(SQSEvent.SQSMessage message) {
    Map<String, String> attributes = message.getAttributes();
    return attributes != null
        && Integer.parseInt(attributes.getOrDefault("ApproximateReceiveCount", "1")) >= DELIVERIES;
  }

  private boolean handle(SQSEvent.SQSMessage message, Context context) {
    try {
      index.handle(message.getBody(), isLast(message), context::getRemainingTimeInMillis);
      return true;
    } catch (RuntimeException e) {
      log.error("message {} failed and will come back", message.getMessageId(), e);
      return false;
    }
  }
}
