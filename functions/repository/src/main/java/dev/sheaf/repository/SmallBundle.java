package dev.sheaf.repository;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ObjectRun;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A bundle read whole. Its objects are kept in memory to go into the catalog; those above 1 MiB,
 * and all beyond 16 MiB together, go straight to the store.
 */
final class SmallBundle extends HistoryCollector {
  /** The largest object that the catalog holds. */
  static final int CACHED_OBJECT_BYTES = 1 << 20;

  /** What the catalog holds of one push at most. */
  static final int CACHED_PUSH_BYTES = 16 << 20;

  private final ObjectStore store;
  private final List<ObjectRows.Cached> cached = new ArrayList<>();
  private final List<ObjectRows.Stored> stored = new ArrayList<>();
  private final Set<ContentId> ids = new HashSet<>();
  private long cachedBytes;

  private SmallBundle(ObjectStore store) {
    this.store = store;
  }

  /**
   * Reads a bundle.
   *
   * @throws SheafException of kind INVALID when it is at fault
   */
  static SmallBundle read(BundleReader reader, InputStream wire, ObjectStore store)
      throws IOException {
    SmallBundle bundle = new SmallBundle(store);
    reader.read(wire, bundle);
    return bundle;
  }

  @Override
  public void objects(ObjectRun run) throws IOException {
    try (run) {
      run.decode(id -> !ids.contains(id), this::take);
    }
  }

  private void take(RawObject object) throws IOException {
    if (!ids.add(object.id())) {
      return;
    }
    Content content = object.content();
    boolean fits =
        content.size() <= CACHED_OBJECT_BYTES && cachedBytes + content.size() <= CACHED_PUSH_BYTES;
    if (fits && content instanceof BytesContent bytes) {
      requireTrueId(object);
      cachedBytes += content.size();
      cached.add(new ObjectRows.Cached(object.id(), bytes));
    } else {
      stored.add(new ObjectRows.Stored(object.id(), content.size(), put(object)));
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

  private @org.jspecify.annotations.Nullable String put(RawObject object) {
    var result =
        store.put(
            ObjectKeys.object(object.id()),
            object.content(),
            object.id(),
            ObjectStore.Condition.IF_ABSENT,
            "application/octet-stream");
    return switch (result) {
      case ObjectStore.PutResult.Written(String etag) -> etag;
      case ObjectStore.PutResult.ConditionFailed() -> null;
    };
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
