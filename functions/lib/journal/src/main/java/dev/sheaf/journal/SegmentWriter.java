package dev.sheaf.journal;

import java.util.List;

/** Writes one segment and takes it into the replica once the store has it. */
final class SegmentWriter {
  private final NamespaceStore store;
  private final Replica replica;
  private final SegmentIds ids;
  private final Limit limit;

  /** Runs a write in a limited time, or throws when it is over and nothing is in flight. */
  @FunctionalInterface
  interface Limit {
    void run(Runnable write);
  }

  SegmentWriter(NamespaceStore store, Replica replica, SegmentIds ids, Limit limit) {
    this.store = store;
    this.replica = replica;
    this.ids = ids;
    this.limit = limit;
  }

  /** Writes what several callers want to store, in their order; the name of the new segment. */
  String write(List<EncodedOps> parts) {
    byte[] body = SegmentCodec.join(parts);
    String name = Namespace.newSegment(ids.next());
    limit.run(() -> store.putSegment(name, body));
    replica.commit(name, asRead(parts));
    return name;
  }

  private static List<Operation> asRead(List<EncodedOps> parts) {
    if (parts.size() == 1) {
      return parts.getFirst().asRead();
    }
    return parts.stream().flatMap(part -> part.asRead().stream()).toList();
  }
}
