package dev.sheaf.repository.intake;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;

/** Decides where decoded objects go, and proves each. Any thread may hand objects in. */
sealed interface Keeper {
  /** Whether an object need not be decoded at all. */
  boolean has(ObjectRows.Standing standing);

  /** Takes an object that it does not have. */
  void keep(RawObject object, ObjectRows.Standing standing);

  /** Whether nothing more is to be decoded: the bundle is left to somebody with more time. */
  boolean isFull();

  private static ObjectStore.Condition condition(ObjectRows.Standing standing) {
    return standing.stored() ? ObjectStore.Condition.ALWAYS : ObjectStore.Condition.IF_ABSENT;
  }

  /** Everything goes into the store. */
  record InStore(PutPool puts) implements Keeper {
    @Override
    public boolean has(ObjectRows.Standing standing) {
      return standing.settled();
    }

    @Override
    public void keep(RawObject object, ObjectRows.Standing standing) {
      puts.put(object, condition(standing));
    }

    @Override
    public boolean isFull() {
      return false;
    }
  }

  /**
   * Objects are kept in memory to go into the catalog; those above 1 MiB, and all beyond 16 MiB
   * together, go into the store. What inflates to more than a client may be kept waiting for is too
   * much.
   */
  final class InCatalog implements Keeper {
    /** What the catalog holds of one push at most. */
    static final int CACHED_PUSH_BYTES = 16 << 20;

    /** Beyond one of these a bundle is too large. */
    static final long RAW_BYTES = 256L << 20;

    static final int DIRECT_PUTS = 5_000;

    private final PutPool puts;
    private final List<ObjectRows.Cached> cached = new ArrayList<>();
    private long cachedBytes;
    private long rawBytes;
    private int direct;

    InCatalog(PutPool puts) {
      this.puts = puts;
    }

    @Override
    public boolean has(ObjectRows.Standing standing) {
      return standing.held() || standing.settled();
    }

    @Override
    public void keep(RawObject object, ObjectRows.Standing standing) {
      boolean fits = reserve(object.content().size());
      if (fits && object.content() instanceof BytesContent bytes) {
        // Nobody else would check what stays in the catalog.
        Proof.bySha256(object);
        add(new ObjectRows.Cached(object.id(), bytes));
      } else if (!isFull()) {
        puts.put(object, condition(standing));
      }
    }

    private synchronized boolean reserve(long bytes) {
      rawBytes += bytes;
      boolean fits =
          bytes <= ObjectRows.MAX_CACHED_BYTES && cachedBytes + bytes <= CACHED_PUSH_BYTES;
      if (fits) {
        cachedBytes += bytes;
      } else {
        direct++;
      }
      return fits;
    }

    private synchronized void add(ObjectRows.Cached object) {
      cached.add(object);
    }

    @Override
    public synchronized boolean isFull() {
      return rawBytes > RAW_BYTES || direct > DIRECT_PUTS;
    }

    /** Objects for the catalog to hold. */
    synchronized List<ObjectRows.Cached> cached() {
      return List.copyOf(cached);
    }
  }
}
