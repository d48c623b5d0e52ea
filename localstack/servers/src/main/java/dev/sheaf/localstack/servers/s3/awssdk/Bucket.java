package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;

/**
 * One bucket: an index of its objects in key order over a {@link Vault} with their bytes.
 *
 * <p>A write decides on its condition and takes effect under a lock that its key shares with few
 * others, so of any number of writers with one condition exactly one succeeds. Listings take no
 * lock: they see every write that was acknowledged before they began, and may or may not see those
 * under way, as S3 promises.
 */
final class Bucket {
  private static final int STRIPES = 256;

  private final String name;
  private final Vault vault;
  private final ConcurrentNavigableMap<Key, StoredObject> index = new ConcurrentSkipListMap<>();
  private final Lock[] stripes = new Lock[STRIPES];

  Bucket(String name, Vault vault) throws IOException {
    this.name = name;
    this.vault = vault;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new ReentrantLock();
    }
    vault.load(object -> index.put(object.key(), object));
  }

  String name() {
    return name;
  }

  Vault vault() {
    return vault;
  }

  ConcurrentNavigableMap<Key, StoredObject> index() {
    return index;
  }

  @Nullable StoredObject find(Key key) {
    return index.get(key);
  }

  /**
   * Stores an object whose bytes have been received.
   *
   * @throws software.amazon.awssdk.services.s3.model.S3Exception 412 or 404 when the condition does
   *     not hold; nothing is stored then
   */
  StoredObject put(StoredObject object, Condition condition) throws IOException {
    // Once early: a write that is bound to fail need not reach the disk.
    condition.check(name, object.key(), find(object.key()));
    try (Vault.Staged staged = vault.stage(object)) {
      Lock lock = lock(object.key());
      lock.lock();
      try {
        condition.check(name, object.key(), find(object.key()));
        StoredObject stored = vault.publish(staged);
        index.put(stored.key(), stored);
        return stored;
      } finally {
        lock.unlock();
      }
    }
  }

  /** Removes an object if there is one and the condition holds. */
  void remove(Key key, Condition condition) throws IOException {
    Lock lock = lock(key);
    lock.lock();
    try {
      StoredObject present = find(key);
      condition.check(name, key, present);
      if (present != null) {
        vault.remove(present);
        index.remove(key);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens bytes of an object together with its facts: the lock keeps a write from slipping between
   * the two.
   */
  Reading read(Key key, RangeOf range) throws IOException {
    Lock lock = lock(key);
    lock.lock();
    try {
      StoredObject object = find(key);
      if (object == null) {
        throw S3Exceptions.noSuchKey(name, key.toString(), "no such object");
      }
      Range part = range.of(object);
      return new Reading(object, part, object.body().open(part.offset(), part.length()));
    } finally {
      lock.unlock();
    }
  }

  private Lock lock(Key key) {
    return stripes[Math.floorMod(key.hashCode(), STRIPES)];
  }

  /** Chooses what to read once the object is known; may refuse by throwing. */
  interface RangeOf {
    Range of(StoredObject object);
  }

  /** Bytes of an object, from an offset. */
  record Range(long offset, long length) {}

  /** An object that is being read. */
  record Reading(StoredObject object, Range range, InputStream bytes) {}
}
