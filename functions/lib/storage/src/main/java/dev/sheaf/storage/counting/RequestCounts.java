package dev.sheaf.storage.counting;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many requests were made, by kind, and how many bytes of objects they moved. Counts what the
 * ports were asked for: an adapter's own retries are not seen. Any thread may count.
 */
public final class RequestCounts {
  private final Map<RequestKind, LongAdder> counts = new EnumMap<>(RequestKind.class);
  private final LongAdder bytesSent = new LongAdder();
  private final LongAdder bytesReceived = new LongAdder();

  /** All zero. */
  public RequestCounts() {
    for (RequestKind kind : RequestKind.values()) {
      counts.put(kind, new LongAdder());
    }
  }

  void add(RequestKind kind) {
    of(kind).increment();
  }

  void addSent(long bytes) {
    bytesSent.add(bytes);
  }

  void addReceived(long bytes) {
    bytesReceived.add(bytes);
  }

  /** Number of requests of a kind. */
  public long count(RequestKind kind) {
    return of(kind).sum();
  }

  /** All requests to the catalog: statements and the frame of transactions. */
  public long catalog() {
    return count(RequestKind.CATALOG_STATEMENT)
        + count(RequestKind.CATALOG_BEGIN)
        + count(RequestKind.CATALOG_COMMIT)
        + count(RequestKind.CATALOG_ROLLBACK);
  }

  /** Bytes of object bodies handed to the store. */
  public long bytesSent() {
    return bytesSent.sum();
  }

  /** Bytes of object bodies read from the store. */
  public long bytesReceived() {
    return bytesReceived.sum();
  }

  /** The kinds that occurred, by label, in the order of {@link RequestKind}. */
  public Map<String, Long> asMap() {
    Map<String, Long> map = new LinkedHashMap<>();
    counts.forEach((kind, count) -> {
      if (count.sum() > 0) {
        map.put(kind.label(), count.sum());
      }
    });
    return map;
  }

  @Override
  public String toString() {
    return asMap().toString();
  }

  private LongAdder of(RequestKind kind) {
    LongAdder count = counts.get(kind);
    if (count == null) {
      throw new IllegalStateException("no counter for " + kind);
    }
    return count;
  }
}
