package dev.sheaf.storage.counting;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An object store whose requests are counted before they are made. */
public final class CountingObjectStore implements ObjectStore {
  private static final int KEYS_PER_DELETE = 1_000;

  private final ObjectStore store;
  private final RequestCounts counts;

  public CountingObjectStore(ObjectStore store, RequestCounts counts) {
    this.store = store;
    this.counts = counts;
  }

  @Override
  public String bucket() {
    return store.bucket();
  }

  @Override
  public void requireBucket() {
    counts.add(RequestKind.S3_HEAD);
    store.requireBucket();
  }

  @Override
  public PutResult put(
      String key,
      Content body,
      @Nullable ContentId sha256,
      Condition condition,
      String contentType) {
    counts.add(RequestKind.S3_PUT);
    counts.addSent(body.size());
    return store.put(key, body, sha256, condition, contentType);
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    counts.add(RequestKind.S3_GET);
    return store.get(key, read).map(this::counting);
  }

  @Override
  public Optional<Download> getIntoMemory(String key, @Nullable String unlessEtag) {
    counts.add(RequestKind.S3_GET);
    return store.getIntoMemory(key, unlessEtag).map(this::counting);
  }

  private Download counting(Download download) {
    return new Download(
        download.object(), new CountingBody(download.body(), counts), download.notModified());
  }

  @Override
  public Optional<StoredObject> head(String key) {
    counts.add(RequestKind.S3_HEAD);
    return store.head(key);
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    counts.add(RequestKind.S3_LIST);
    return store.list(prefix, delimiter, continuation);
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    counts.add(RequestKind.S3_LIST);
    return store.listAfter(prefix, startAfter);
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    counts.add(RequestKind.S3_DELETE);
    return store.deleteIf(key, etag);
  }

  @Override
  public Map<String, String> delete(Collection<String> keys) {
    for (int deleted = 0; deleted < keys.size(); deleted += KEYS_PER_DELETE) {
      counts.add(RequestKind.S3_DELETE);
    }
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
