package dev.sheaf.cli.bench;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Notes when a segment was last read: what a compaction does after that is its fold. */
final class LastRead implements ObjectStore {
  private final ObjectStore store;
  private final LongSupplier nanoTime;
  private volatile long lastSegmentRead;

  LastRead(ObjectStore store, LongSupplier nanoTime) {
    this.store = store;
    this.nanoTime = nanoTime;
  }

  /** In nanoseconds of the clock that it was made with. */
  long lastSegmentRead() {
    return lastSegmentRead;
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    return store.get(key, read);
  }

  /** Segments are read like this. */
  @Override
  public Optional<Download> getIntoMemory(String key, @Nullable String unlessEtag) {
    Optional<Download> download = store.getIntoMemory(key, unlessEtag);
    lastSegmentRead = nanoTime.getAsLong();
    return download;
  }

  @Override
  public String bucket() {
    return store.bucket();
  }

  @Override
  public void requireBucket() {
    store.requireBucket();
  }

  @Override
  public PutResult put(
      String key, Content body, @Nullable ContentId sha256, Condition condition, String type) {
    return store.put(key, body, sha256, condition, type);
  }

  @Override
  public Optional<StoredObject> head(String key) {
    return store.head(key);
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    return store.list(prefix, delimiter, continuation);
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    return store.listAfter(prefix, startAfter);
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    return store.deleteIf(key, etag);
  }

  @Override
  public Map<String, String> delete(Collection<String> keys) {
    return store.delete(keys);
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    return store.presignGet(key, lifetime);
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    return store.presignPut(key, sha256, size, lifetime);
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    return store.presignUpload(key, lifetime);
  }
}
