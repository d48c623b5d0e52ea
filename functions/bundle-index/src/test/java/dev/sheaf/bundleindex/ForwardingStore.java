package dev.sheaf.bundleindex;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A store that hands everything on, for tests that change one method. */
class ForwardingStore implements ObjectStore {
  private final ObjectStore store;

  ForwardingStore(ObjectStore store) {
    this.store = store;
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
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    return store.put(key, body, sha256, condition, contentType);
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    return store.get(key, read);
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
