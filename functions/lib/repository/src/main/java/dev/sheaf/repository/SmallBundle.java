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

  /** Mostly of small objects; those above 8 MiB are put from their file, one by one. */
  private static final int PUTS_IN_FLIGHT = 32;

  private final ObjectStore store;
  private final List<ObjectRun> runs = new ArrayList<>();
  private final Set<ContentId> ids = new HashSet<>();
  private final List<ObjectRows.Cached> cached = new ArrayList<>();
  private final List<ObjectRows.Stored> stored = new ArrayList<>();
  private long cachedBytes;
  private long rawBytes;
  private int direct;

  private SmallBundle(ObjectStore store) {
    this.store = store;
  }

  /**
   * Reads a bundle, and puts the objects that the catalog is not to hold.
   *
   * @param rows says which objects are in the store already
   * @throws SheafException of kind INVALID when the bundle is at fault
   */
  static SmallBundle read(BundleReader reader, InputStream wire, ObjectStore store, ObjectRows rows)
      throws IOException {
    SmallBundle bundle = new SmallBundle(store);
    try {
      reader.read(wire, bundle);
      bundle.takeObjects(rows);
      return bundle;
    } finally {
      for (ObjectRun run : bundle.runs) {
        run.close();
      }
    }
  }

  @Override
  public void objects(ObjectRun run) {
    runs.add(run);
    run.objects().forEach(object -> ids.add(object.id()));
  }

  private void takeObjects(ObjectRows rows) throws IOException {
    Set<ContentId> wanted = new HashSet<>(ids);
    wanted.removeAll(rows.stored(ids));
    try (ParallelCalls<ObjectRows.Stored> puts = new ParallelCalls<>(PUTS_IN_FLIGHT)) {
      for (ObjectRun run : runs) {
        if (!isTooLarge()) {
          run.decode(wanted::remove, object -> take(object, puts));
        }
      }
      stored.addAll(puts.results());
    }
  }

  private void take(RawObject object, ParallelCalls<ObjectRows.Stored> puts) throws IOException {
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
      put(object, puts);
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

  private void put(RawObject object, ParallelCalls<ObjectRows.Stored> puts) {
    if (object.content() instanceof BytesContent) {
      puts.submit(() -> ObjectRows.Stored.put(store, object));
    } else {
      // Its file is gone when this returns.
      stored.add(ObjectRows.Stored.put(store, object));
    }
  }

  /** Whether a worker has to take the bundle in. */
  boolean isTooLarge() {
    return rawBytes > RAW_BYTES || direct > DIRECT_PUTS;
  }

  /** Objects for the catalog to hold. */
  List<ObjectRows.Cached> cached() {
    return cached;
  }

  /** Objects that were put into the store. */
  List<ObjectRows.Stored> stored() {
    return stored;
  }

  /** The ids of all objects. */
  Set<ContentId> ids() {
    return ids;
  }
}
