package dev.sheaf.journal;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import java.util.List;

/**
 * Writes to a namespace that this process does not read. An {@link #append} is one PUT and nothing
 * else: no look at the bucket, no listing, no state in memory. For functions that count what they
 * did and go.
 */
public final class Appender {
  private final NamespaceStore store;
  private final JournalOptions options;

  /** Sends nothing yet. */
  public Appender(ObjectStore bucket, Namespace namespace, JournalOptions options) {
    this.store = new NamespaceStore(bucket, namespace, options.host());
    this.options = options;
  }

  /**
   * Stores operations, all or none, as one segment, and returns when they are durable. Whatever
   * comes of it, nothing is in flight afterwards.
   *
   * @throws SheafException INVALID: nothing was written, because a value cannot be encoded;
   *     UNAVAILABLE: the outcome is unknown. Repeating operations that count may then count twice
   */
  public void append(List<Operation> operations) {
    if (operations.isEmpty()) {
      return;
    }
    byte[] segment = SegmentCodec.join(List.of(EncodedOps.of(operations)));
    String name = Namespace.newSegment(options.host().ids().next());
    Deadline.in(options.putTimeout(), options.host().clock(), options.host().nanoTime())
        .run(() -> store.putSegment(name, segment));
  }
}
