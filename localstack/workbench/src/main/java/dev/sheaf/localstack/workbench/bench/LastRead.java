package dev.sheaf.localstack.workbench.bench;

import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Notes when a segment was last read: what a compaction does after that is its fold. */
final class LastRead extends ForwardingObjectStore {
  private final LongSupplier nanoTime;
  private volatile long lastSegmentRead;

  LastRead(ObjectStore store, LongSupplier nanoTime) {
    super(store);
    this.nanoTime = nanoTime;
  }

  /** In nanoseconds of the clock that it was made with. */
  long lastSegmentRead() {
    return lastSegmentRead;
  }

  /** Segments are read like this. */
  @Override
  public Optional<Download> getIntoMemory(String key, @Nullable String unlessEtag) {
    Optional<Download> download = next.getIntoMemory(key, unlessEtag);
    lastSegmentRead = nanoTime.getAsLong();
    return download;
  }
}
