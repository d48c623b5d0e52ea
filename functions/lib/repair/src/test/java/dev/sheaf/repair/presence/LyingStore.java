package dev.sheaf.repair.presence;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A store whose listings are what a test makes of them; all else is as it is. */
public final class LyingStore implements ObjectStore {
  private final ObjectStore store;
  private final AtomicInteger pages = new AtomicInteger();
  private int lieAt;
  private UnaryOperator<Page> lie = page -> page;
  private Consumer<String> beforeDelete = _ -> {};
  private Consumer<String> beforeHead = _ -> {};

  public LyingStore(ObjectStore store) {
    this.store = store;
  }

  /** Changes one page of objects, counted from 1. */
  public LyingStore onPage(int number, UnaryOperator<Page> change) {
    lieAt = number;
    lie = change;
    return this;
  }

  /** Changes every page of objects. */
  public LyingStore onEveryPage(UnaryOperator<Page> change) {
    return onPage(0, change);
  }

  /** Something happens just before a delete. */
  public LyingStore beforeDelete(Consumer<String> event) {
    beforeDelete = event;
    return this;
  }

  /** Something happens just before a HEAD. */
  public LyingStore beforeHead(Consumer<String> event) {
    beforeHead = event;
    return this;
  }

  private Page told(String prefix, Page page) {
    if (!prefix.startsWith("objects/")) {
      return page;
    }
    int number = pages.incrementAndGet();
    return lieAt == 0 || lieAt == number ? lie.apply(page) : page;
  }

  @Override
  public Page list(String prefix, @Nullable String delimiter, @Nullable String continuation) {
    return told(prefix, store.list(prefix, delimiter, continuation));
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    return told(prefix, store.listAfter(prefix, startAfter));
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    beforeDelete.accept(key);
    return store.deleteIf(key, etag);
  }

  @Override
  public Optional<StoredObject> head(String key) {
    beforeHead.accept(key);
    return store.head(key);
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
