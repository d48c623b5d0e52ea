package dev.sheaf.testing;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An object store in which one request fails as {@link Faults} says. */
public final class FaultyObjectStore implements ObjectStore {
  private final ObjectStore store;
  private final Faults faults;

  public FaultyObjectStore(ObjectStore store, Faults faults) {
    this.store = store;
    this.faults = faults;
  }

  @Override
  public String bucket() {
    return store.bucket();
  }

  @Override
  public void requireBucket() {
    faults.request(
        "HEAD of the bucket",
        () -> {
          store.requireBucket();
          return null;
        });
  }

  @Override
  public PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    return faults.request("PUT " + key, () -> store.put(key, body, sha256, condition, contentType));
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    return faults.request("GET " + key, () -> store.get(key, read));
  }

  @Override
  public Optional<StoredObject> head(String key) {
    return faults.request("HEAD " + key, () -> store.head(key));
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    return faults.request("LIST " + prefix, () -> store.list(prefix, delimiter, continuation));
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    return faults.request("LIST " + prefix, () -> store.listAfter(prefix, startAfter));
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    return faults.request("DELETE " + key, () -> store.deleteIf(key, etag));
  }

  @Override
  public Map<String, String> delete(Collection<String> keys) {
    return faults.request("DELETE " + keys, () -> store.delete(keys));
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
