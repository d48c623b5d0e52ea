package dev.sheaf.journal.site;

import dev.sheaf.journal.Appender;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Operation;
import dev.sheaf.journal.json.Json;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what an invocation did: one PUT, or none where there is nothing to say. It never
 * fails the work that it tells of; a write that fails is a line in the log.
 */
public final class SiteJournal {
  /** The namespace that functions write to. */
  public static final Namespace NAMESPACE = Namespace.of("site");

  private static final Logger LOG = LoggerFactory.getLogger(SiteJournal.class);

  /** An answer waits for the write no longer than this. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /** Left over for the answer itself. */
  private static final Duration RESERVE = Duration.ofSeconds(1);

  private final ObjectStore bucket;
  private final JournalOptions options;

  public SiteJournal(ObjectStore bucket, JournalOptions options) {
    this.bucket = bucket;
    this.options = options;
  }

  /**
   * Writes what has come together. When this returns nothing is in flight.
   *
   * @param left the time that the invocation has left
   */
  public void record(SiteActivity activity, Duration left) {
    List<Operation> operations = activity.take();
    if (operations.isEmpty()) {
      return;
    }
    try {
      Duration limit = left.minus(RESERVE);
      if (!limit.isPositive()) {
        lost(operations, "no time is left");
        return;
      }
      limit = limit.compareTo(LONGEST) < 0 ? limit : LONGEST;
      new Appender(bucket, NAMESPACE, options.withPutTimeout(limit)).append(operations);
    } catch (RuntimeException e) {
      lost(operations, String.valueOf(e.getMessage()));
    }
  }

  private static void lost(List<Operation> operations, String reason) {
    LOG.warn(
        "{}",
        Json.object()
            .put("message", "[journal] counts may be missing: " + reason)
            .put("event", "journal")
            .put("status", "failed")
            .put("ns", NAMESPACE.name())
            .put("operations", operations.size())
            .put("error", reason)
            .build());
  }
}
