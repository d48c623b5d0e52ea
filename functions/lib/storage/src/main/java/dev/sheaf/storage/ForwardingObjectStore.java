package dev.sheaf.storage;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A store that hands everything on to another one, for those that change a method or two. */
public class ForwardingObjectStore implements ObjectStore {
  /** What everything is handed on to. */
  protected final ObjectStore next;

  protected ForwardingObjectStore(ObjectStore store) {
    next = store;
  }

  @Override
  public String bucket() {
    return next.bucket();
  }

  @Override
  public void requireBucket() {
    next.requireBucket();
  }

  @Override
  public PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    return next.put(key, body, sha256, condition, contentType);
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    return next.get(key, read);
  }

  @Override
  public Optional<StoredObject> head(String key) {
    return next.head(key);
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    return next.list(prefix, delimiter, continuation);
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    return next.listAfter(prefix, startAfter);
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    return next.deleteIf(key, etag);
  }

  @Override
  public Map<String, String> delete(Collection<String> keys) {
    return next.delete(keys);
  }

  @Override
  public URI presignGet(String key, Duration lifetime) {
    return next.presignGet(key, lifetime);
  }

  @Override
  public PresignedPut presignPut(String key, ContentId sha256, long size, Duration lifetime) {
    return next.presignPut(key, sha256, size, lifetime);
  }

  @Override
  public URI presignUpload(String key, Duration lifetime) {
    return next.presignUpload(key, lifetime);
  }
}
