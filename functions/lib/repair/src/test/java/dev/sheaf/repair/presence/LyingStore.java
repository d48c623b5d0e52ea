package dev.sheaf.repair.presence;

import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A store whose listings are what a test makes of them; all else is as it is. */
public final class LyingStore extends ForwardingObjectStore {
  private final AtomicInteger pages = new AtomicInteger();
  private int lieAt;
  private UnaryOperator<Page> lie = page -> page;
  private Consumer<String> beforeDelete = _ -> {};
  private Consumer<String> beforeHead = _ -> {};
  private Consumer<String> beforeGet = _ -> {};
  private final AtomicInteger listings = new AtomicInteger();
  private String listedPrefix = "";
  private int listedAt;
  private Runnable beforeListing = () -> {};

  public LyingStore(ObjectStore store) {
    super(store);
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

  /** Something happens before the n-th listing of a prefix, counted from 1. */
  public LyingStore onListing(String prefix, int number, Runnable event) {
    listedPrefix = prefix;
    listedAt = number;
    beforeListing = event;
    return this;
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

  /** Something happens just before a GET. */
  public LyingStore beforeGet(Consumer<String> event) {
    beforeGet = event;
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
    return told(prefix, next.list(prefix, delimiter, continuation));
  }

  @Override
  public Page listAfter(String prefix, String startAfter) {
    if (prefix.equals(listedPrefix) && listings.incrementAndGet() == listedAt) {
      beforeListing.run();
    }
    return told(prefix, next.listAfter(prefix, startAfter));
  }

  @Override
  public boolean deleteIf(String key, String etag) {
    beforeDelete.accept(key);
    return next.deleteIf(key, etag);
  }

  @Override
  public Optional<StoredObject> head(String key) {
    beforeHead.accept(key);
    return next.head(key);
  }

  @Override
  public Optional<Download> get(String key, Read read) {
    beforeGet.accept(key);
    return next.get(key, read);
  }
}
