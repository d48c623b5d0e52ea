package dev.sheaf.repository;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ObjectRun;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A small bundle, read while a client waits. Its objects are kept in memory to go into the catalog;
 * those above 1 MiB, and all beyond 16 MiB together, go straight to the store. A bundle that
 * inflates to more than a client may be kept waiting for is read on for its history alone.
 */
final class SmallBundle extends HistoryCollector {
  /** The largest object that the catalog holds. */
  static final int CACHED_OBJECT_BYTES = 1 << 20;

  /** What the catalog holds of one push at most. */
  static final int CACHED_PUSH_BYTES = 16 << 20;

  /** Beyond one of these a bundle is too large. */
  static final long RAW_BYTES = 256L << 20;

  static final int DIRECT_PUTS = 5_000;

  /** Each holds at most 8 MiB; larger objects are put from their file one by one. */
  private static final int PUTS_IN_FLIGHT = 16;

  private final ObjectStore store;
  private final ParallelCalls<ObjectRows.Stored> puts;
  private final List<ObjectRows.Cached> cached = new ArrayList<>();
  private final List<ObjectRows.Stored> stored = new ArrayList<>();
  private final Set<ContentId> ids = new HashSet<>();
  private long cachedBytes;
  private long rawBytes;
  private int direct;

  private SmallBundle(ObjectStore store, ParallelCalls<ObjectRows.Stored> puts) {
    this.store = store;
    this.puts = puts;
  }

  /**
   * Reads a bundle.
   *
   * @throws SheafException of kind INVALID when it is at fault
   */
  static SmallBundle read(BundleReader reader, InputStream wire, ObjectStore store)
      throws IOException {
    try (ParallelCalls<ObjectRows.Stored> puts = new ParallelCalls<>(PUTS_IN_FLIGHT)) {
      SmallBundle bundle = new SmallBundle(store, puts);
      reader.read(wire, bundle);
      bundle.stored.addAll(puts.results());
      return bundle;
    }
  }

  @Override
  public void objects(ObjectRun run) throws IOException {
    try (run) {
      if (!isTooLarge()) {
        run.decode(ids::add, this::take);
      }
    }
  }

  private void take(RawObject object) throws IOException {
    rawBytes += object.content().size();
    boolean fits =
        object.content().size() <= CACHED_OBJECT_BYTES
            && cachedBytes + object.content().size() <= CACHED_PUSH_BYTES;
    if (fits && object.content() instanceof BytesContent bytes) {
      requireTrueId(object);
      cachedBytes += bytes.size();
      cached.add(new ObjectRows.Cached(object.id(), bytes));
    } else if (!isTooLarge()) {
      direct++;
      put(object);
    }
  }

  /** The store checks what it is given; nobody else would check what stays in the catalog. */
  private static void requireTrueId(RawObject object) throws IOException {
    ContentId actual = Ids.object(object.content());
    if (!actual.equals(object.id())) {
      throw new SheafException(
          ErrorKind.INVALID,
          "object %s of the bundle has other content: its SHA-256 is %s"
              .formatted(object.id(), actual));
    }
  }

  private void put(RawObject object) {
    if (object.content() instanceof BytesContent) {
      puts.submit(() -> putNow(object));
    } else {
      // Its file is gone when this returns.
      stored.add(putNow(object));
    }
  }

  private ObjectRows.Stored putNow(RawObject object) {
    return ObjectRows.Stored.put(store, object);
  }

  /** Whether a worker has to take the bundle in. */
  boolean isTooLarge() {
    return rawBytes > RAW_BYTES || direct > DIRECT_PUTS;
  }

  /** Objects for the catalog to hold. */
  List<ObjectRows.Cached> cached() {
    return cached;
  }

  /** Objects that are in the store. */
  List<ObjectRows.Stored> stored() {
    return stored;
  }

  /** The ids of all objects. */
  Set<ContentId> ids() {
    return ids;
  }
}
