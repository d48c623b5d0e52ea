package dev.sheaf.journal;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.NamespaceListing.Listed;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.PutResult;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The requests that one namespace makes of its bucket, and nothing but these. */
final class NamespaceStore {
  private static final String JSON = "application/json";

  private final ObjectStore store;
  private final Namespace namespace;
  private final Host host;
  private final AtomicLong requests = new AtomicLong();

  /**
   * @param host measures how long a listing takes
   */
  NamespaceStore(ObjectStore store, Namespace namespace, Host host) {
    this.store = store;
    this.namespace = namespace;
    this.host = host;
  }

  Namespace namespace() {
    return namespace;
  }

  /** Number of requests so far, not counting the retries of the store's own client. */
  long requests() {
    return requests.get();
  }

  /** All live segments: every page, or an error. */
  NamespaceListing list() {
    List<Listed> segments = new ArrayList<>();
    Instant begun = host.clock().instant();
    long begunNanos = host.nanoTime().getAsLong();
    boolean single = true;
    String continuation = null;
    do {
      request();
      Page page = store.list(namespace.segmentPrefix(), null, continuation);
      single &= page.next() == null;
      page.objects()
          .forEach(object ->
              segments.add(
                  new Listed(
                      namespace.segmentName(object.key()),
                      object.lastModified().truncatedTo(ChronoUnit.MILLIS))));
      continuation = page.next();
    } while (continuation != null);
    return NamespaceListing.of(segments, single ? Duration.ZERO : since(begun, begunNanos));
  }

  /** By the clock that shows more: one may have been set back, the other stood still. */
  private Duration since(Instant begun, long begunNanos) {
    Duration onTheWall = Duration.between(begun, host.clock().instant());
    Duration ticked = Duration.ofNanos(host.nanoTime().getAsLong() - begunNanos);
    return onTheWall.compareTo(ticked) > 0 ? onTheWall : ticked;
  }

  /** What a look at the rollup found. */
  sealed interface RollupRead {
    /** It is the one that is held already. */
    record Unchanged() implements RollupRead {}

    /** There is none. */
    record Absent() implements RollupRead {}

    /** Another one. */
    record Found(Rollup rollup) implements RollupRead {}
  }

  /** The rollup, unless it still has this ETag. */
  RollupRead rollup(@Nullable String heldEtag) {
    String key = namespace.rollupKey();
    request();
    Optional<Download> found = store.getIntoMemory(key, heldEtag);
    if (found.isEmpty()) {
      return new RollupRead.Absent();
    }
    try (Download download = found.get()) {
      if (download.notModified()) {
        return new RollupRead.Unchanged();
      }
      byte[] bytes = readAll(key, download);
      RollupCodec.Body body = RollupCodec.decode(bytes);
      return new RollupRead.Found(
          new Rollup(download.object().etag(), body.mark(), body.state(), bytes.length));
    } catch (JsonSyntaxException e) {
      throw corrupt("rollup", key, e);
    }
  }

  /** The state that an older format left, if it did. */
  Optional<byte[]> legacy() {
    String key = namespace.legacyKey();
    request();
    Optional<Download> found = store.getIntoMemory(key, null);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (Download download = found.get()) {
      return Optional.of(readAll(key, download));
    }
  }

  /**
   * Writes the rollup on a condition. Where no answer comes, one look tells whether it is there.
   *
   * @return its ETag, or empty when somebody else was first
   */
  Optional<String> putRollup(byte[] body, Condition condition) {
    request();
    try {
      PutResult result = store.put(namespace.rollupKey(), Content.of(body), null, condition, JSON);
      return result instanceof PutResult.Written(String etag)
          ? Optional.of(etag)
          : Optional.empty();
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.UNAVAILABLE) {
        throw e;
      }
      return whatBecameOf(body, condition, e);
    }
  }

  private Optional<String> whatBecameOf(byte[] body, Condition condition, SheafException failure) {
    String key = namespace.rollupKey();
    try {
      request();
      Optional<Download> found = store.getIntoMemory(key, null);
      if (found.isPresent()) {
        try (Download present = found.get()) {
          String etag = present.object().etag();
          if (Arrays.equals(readAll(key, present), body)) {
            return Optional.of(etag); // it landed, and only the answer was lost
          }
          if (!condition.equals(new Condition.IfMatch(etag))) {
            return Optional.empty();
          }
        }
      }
    } catch (SheafException e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }

  /** The operations of a segment; empty when it is gone. */
  Optional<List<Operation>> segment(String name) {
    String key = namespace.segmentKey(name);
    request();
    Optional<Download> found = store.getIntoMemory(key, null);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (Download download = found.get()) {
      return Optional.of(SegmentCodec.decode(readAll(key, download)));
    } catch (JsonSyntaxException e) {
      throw corrupt("segment", key, e);
    }
  }

  /** Writes a new segment. Unconditional: names are never used twice. */
  void putSegment(String name, byte[] body) {
    request();
    store.put(namespace.segmentKey(name), Content.of(body), null, Condition.ALWAYS, JSON);
  }

  /** Deletes segments with one request; the keys that the store refused, with its reason. */
  Map<String, String> delete(List<String> names) {
    request();
    return store.delete(names.stream().map(namespace::segmentKey).toList());
  }

  private static byte[] readAll(String key, Download download) {
    try {
      byte[] body = download.body().readAllBytes();
      if (body.length == download.object().size()) {
        return body;
      }
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          key + " broke off after " + body.length + " of " + download.object().size() + " bytes");
    } catch (IOException e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "reading " + key + " failed: " + e, e);
    }
  }

  private static SheafException corrupt(String what, String key, JsonSyntaxException e) {
    return new SheafException(
        ErrorKind.CORRUPT,
        what
            + " "
            + key
            + " cannot be read ("
            + e.getMessage()
            + "); the last good state stays served until the object is repaired or removed",
        e);
  }

  /** Counts a request, unless the caller has given up. */
  private void request() {
    if (Thread.currentThread().isInterrupted()) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "interrupted; no further request is made for " + namespace);
    }
    if (Deadline.current().filter(Deadline::hasPassed).isPresent()) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "the deadline has passed; no further request for " + namespace);
    }
    requests.incrementAndGet();
  }
}
